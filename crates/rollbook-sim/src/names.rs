//! Names of people, courses and devices.

use crate::chance::Dice;

/// Given names, from many places.
pub(crate) const FIRST: &[&str] = &[
    "Ana",
    "Ben",
    "Chloe",
    "David",
    "Elif",
    "Fatima",
    "Grace",
    "Hugo",
    "Ines",
    "Jakub",
    "Katarzyna",
    "Liam",
    "Mia",
    "Noah",
    "Olga",
    "Pedro",
    "Quinn",
    "Rosa",
    "Sofia",
    "Tomas",
    "Uma",
    "Viktor",
    "Wei",
    "Ximena",
    "Yuki",
    "Zoe",
    "André",
    "Zoë",
    "Jürgen",
    "Łukasz",
    "Nguyễn",
    "Oluwaseun",
    "Søren",
    "Þóra",
    "Siobhán",
    "Dmitri",
    "Eleni",
    "Hannah",
    "Ibrahim",
    "James",
];

/// Family names.
pub(crate) const LAST: &[&str] = &[
    "Smith",
    "Doe",
    "Müller",
    "García",
    "Nowak",
    "Rossi",
    "Kim",
    "Lee",
    "Chen",
    "Nguyen",
    "Patel",
    "Singh",
    "Kowalczyk",
    "O'Brien",
    "Van der Berg",
    "Silva",
    "Santos",
    "Ivanov",
    "Yılmaz",
    "Hansen",
    "Johansson",
    "Virtanen",
    "Horváth",
    "Papadopoulos",
    "Cohen",
    "Okafor",
    "Mensah",
    "Abdi",
    "Haddad",
    "Tanaka",
    "Sato",
    "Brown",
    "Jones",
    "Taylor",
    "Wilson",
    "Evans",
    "Dupont",
    "Lefèvre",
    "Moreau",
    "Schneider",
];

/// Whole names in other scripts, some from right to left.
pub(crate) const OTHER_SCRIPTS: &[&str] = &[
    "王小明",
    "山田太郎",
    "김민준",
    "محمد الأحمد",
    "שרה כהן",
    "Ольга Иванова",
    "Γιώργος Νικολάου",
    "अनिल शर्मा",
];

/// What people put beside their names.
pub(crate) const EMOJI: &[&str] = &["🎓", "😀", "👩‍💻", "🇵🇱", "✨", "🐱"];

/// Subjects of courses.
pub(crate) const SUBJECTS: &[&str] = &[
    "Algebra",
    "Analysis",
    "Art History",
    "Biochemistry",
    "Chemistry",
    "Constitutional Law",
    "Data Structures",
    "Databases",
    "Ecology",
    "Econometrics",
    "English Literature",
    "Fluid Mechanics",
    "Genetics",
    "Geology",
    "German",
    "Macroeconomics",
    "Microbiology",
    "Networks",
    "Operating Systems",
    "Organic Chemistry",
    "Philosophy of Mind",
    "Physics",
    "Polish",
    "Psychology",
    "Sociology",
    "Statics",
    "Statistics",
    "Thermodynamics",
    "Topology",
    "World History",
];

/// Kinds of class.
pub(crate) const CLASSES: &[&str] = &["Lecture", "Seminar", "Tutorial", "Lab", "Office hours", "Exam review"];

/// Departments, as hosts carry them.
pub(crate) const DEPARTMENTS: &[&str] =
    &["Mathematics", "Physics", "Chemistry", "Biology", "Law", "Economics", "Languages", "Engineering"];

/// The `device` words the documents name.
pub(crate) const DEVICES: &[&str] = &["Windows", "Mac", "iOS", "Android"];

/// The `device` words seen beside them (quirk 37).
pub(crate) const ODD_DEVICES: &[&str] = &[
    "Web",
    "Web Browser",
    "Web Browser Chrome 129",
    "win 10+ 17763",
    "iOS + Phone",
    "Linux",
    "Mac + Web Browser Chrome 129",
];

/// Data centres.
pub(crate) const DATA_CENTERS: &[&str] =
    &["United States (SC Top)", "Germany (FR Top)", "Netherlands (AM Top)", "Japan (TY Top)"];

/// A given and a family name.
pub(crate) fn full_name(dice: &mut Dice) -> (&'static str, &'static str) {
    (dice.pick(FIRST), dice.pick(LAST))
}

/// How a person writes the own name, when in the mood.
pub(crate) fn odd_name(first: &str, last: &str, student: u32, dice: &mut Dice) -> String {
    match dice.below(12) {
        0..=3 => format!("{last}, {first}"),
        4 | 5 => format!("{student} {first} {last}"),
        6 => format!("({student}){first} {last}"),
        7 => format!("{first} {last} {}", dice.pick(EMOJI)),
        8 => student.to_string(),
        9 => first.to_lowercase(),
        10 => dice.pick(OTHER_SCRIPTS).to_string(),
        _ => format!("{first} \"{}\" {last}", &first[..first.ceil_char_boundary(2)]),
    }
}
