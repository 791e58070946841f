// Live parts: a section that names its address is fetched anew every so many seconds.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(part.dataset.live, { headers: { accept: "text/html" } });
    if (answer.ok) part.innerHTML = await answer.text();
  }, 1000 * Number(part.dataset.every || 10));
}
