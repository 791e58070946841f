// Theme, live parts, charts. Every page can be read without this file.
"use strict";

(() => {
  const root = document.documentElement;

  // ---- Theme: the system's, or the one chosen here. ----

  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const button = document.querySelector("[data-theme-switch]");
  const nameButton = () => {
    if (!button) return;
    const rest = document.createElement("span");
    rest.className = "wide-only";
    rest.textContent = " theme";
    button.replaceChildren(isDark() ? "Light" : "Dark", rest);
  };
  if (button) {
    button.hidden = false;
    nameButton();
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("theme", root.dataset.theme);
      } catch {
        // No storage: chosen for this page only.
      }
      nameButton();
      drawAll();
    });
  }
  system.addEventListener("change", () => {
    nameButton();
    drawAll();
  });

  // ---- Charts: a figure stands as JSON beside the space it is drawn into. ----

  const probe = document.createElement("span");
  probe.hidden = true;

  /** What a colour of the style sheet is in the present theme. */
  function colour(name) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = name;
    return getComputedStyle(probe).color;
  }

  /** A copy of the figure with the style sheet's colours in place of their names. */
  function coloured(value) {
    if (typeof value === "string") return value.startsWith("var(--") ? colour(value) : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, coloured(held)]));
    }
    return value;
  }

  function axis(given) {
    return {
      automargin: true,
      gridcolor: colour("var(--line)"),
      linecolor: colour("var(--line)"),
      zerolinecolor: colour("var(--line)"),
      ...given,
    };
  }

  function draw(space) {
    const source = document.getElementById(space.dataset.chart);
    if (!source || !window.Plotly) return;
    const figure = coloured(JSON.parse(source.textContent));
    const given = figure.layout || {};
    const narrow = space.clientWidth < 500;
    const layout = {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("var(--ink)") },
      margin: { l: narrow ? 36 : 52, r: 8, t: given.showlegend ? 34 : 8, b: 32 },
      legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom" },
      hoverlabel: { bgcolor: colour("var(--card)"), font: { color: colour("var(--ink)") } },
      hovermode: "x unified",
      dragmode: narrow ? false : "zoom",
      ...given,
    };
    for (const name of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(name)) layout[name] = axis(layout[name]);
    }
    layout.xaxis = axis(layout.xaxis);
    layout.yaxis = axis(layout.yaxis);
    const config = { responsive: true, displaylogo: false, displayModeBar: false, staticPlot: false };
    if (narrow) {
      // Little room: smaller names beside the map, and no gaps between its minutes.
      for (const trace of figure.data) if (trace.type === "heatmap") trace.xgap = 0;
      layout.yaxis.tickfont = { size: 10 };
      layout.xaxis.nticks = 4;
    }
    window.Plotly.react(space, figure.data, layout, config).then(() => {
      space.classList.remove("drawing");
      space.dataset.drawn = isDark() ? "dark" : "light";
    });
  }

  // Off-screen charts wait until they are scrolled to: some pages have twenty.
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "300px" });

  function prepare(within) {
    for (const space of within.querySelectorAll("[data-chart]")) {
      space.classList.add("drawing");
      seen.observe(space);
    }
  }

  function drawAll() {
    for (const space of document.querySelectorAll("[data-chart][data-drawn]")) draw(space);
  }

  addEventListener("beforeprint", () => document.querySelectorAll("[data-chart]").forEach(draw));

  // ---- Live parts: fetched anew every so many seconds, while somebody looks. ----

  const stale = document.querySelector(".stale");
  const tags = new WeakMap();

  /** Somebody is typing, choosing or marking text in there. */
  function isInUse(part) {
    const focused = document.activeElement;
    if (focused && part.contains(focused) && focused.matches("input, select, textarea")) return true;
    const marked = getSelection();
    return Boolean(marked && !marked.isCollapsed && part.contains(marked.anchorNode));
  }

  /** How to find the same place in new content: by id, by where it leads, or by its place among its kind. */
  function finder(part, focused) {
    if (focused.id) return () => part.querySelector(`#${CSS.escape(focused.id)}`);
    const href = focused.getAttribute("href");
    if (href) return () => part.querySelector(`[href="${CSS.escape(href)}"]`);
    const kind = focused.matches(".scroll") ? ".scroll" : focused.tagName;
    const place = [...part.querySelectorAll(kind)].indexOf(focused);
    return () => part.querySelectorAll(kind)[place];
  }

  function replace(part, html) {
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && finder(part, focused);
    const open = [...part.querySelectorAll("details[id][open]")].map((one) => one.id);
    const scrolled = [...part.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
    for (const space of part.querySelectorAll("[data-drawn]")) window.Plotly?.purge(space);
    part.innerHTML = html;
    for (const id of open) part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    part.querySelectorAll(".scroll").forEach((one, place) => { one.scrollLeft = scrolled[place] || 0; });
    if (again) again()?.focus({ preventScroll: true });
    prepare(part);
  }

  /** Whoever was signed in is not any more: what is shown stays, nothing is asked for again. */
  function endAll() {
    for (const part of document.querySelectorAll("[data-live]")) part.removeAttribute("data-live");
    if (!stale) return;
    const link = document.createElement("a");
    link.href = `/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = "Sign in again";
    stale.replaceChildren("You are signed out: this page is no longer kept up to date. ", link);
  }

  async function refresh(part) {
    if (document.hidden || isInUse(part)) return;
    const tag = tags.get(part);
    const headers = { accept: "text/html", ...(tag && { "if-none-match": tag }) };
    try {
      const answer = await fetch(part.dataset.live, { headers, cache: "no-store", redirect: "manual" });
      // To the sign-in, where else.
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return endAll();
      if (!part.dataset.live) return;
      if (stale) stale.textContent = "";
      if (answer.status === 304) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (isInUse(part)) return;
      tags.set(part, answer.headers.get("etag"));
      replace(part, html);
      if (part.querySelector("[data-live-done]")) part.removeAttribute("data-live");
    } catch {
      if (stale && part.dataset.live) stale.textContent = "No connection to rollbook; what you see may be old.";
    }
  }

  for (const part of document.querySelectorAll("[data-live]")) {
    const every = 1000 * Math.max(2, Number(part.dataset.every) || 10);
    const timer = setInterval(() => {
      if (part.dataset.live) refresh(part);
      else clearInterval(timer);
    }, every);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && part.dataset.live) refresh(part);
    });
  }

  prepare(document);
})();
