-- Which jobs come first is read off this index, however many are due: a site can have tens of thousands of numbers.
create index job_by_urgency on job (account, label, urgency, due_at);
