/* The few things a page does by itself: the phone menu, clocks on server time, live lots, long work. */
"use strict";

const menu = document.querySelector(".burger");
if (menu) {
  menu.addEventListener("click", () => {
    const open = menu.closest(".masthead").classList.toggle("is-open");
    menu.setAttribute("aria-expanded", String(open));
  });
}

/* Clocks: the server says what time it is; the browser only counts on from there. */
const body = document.body;
let skew = Date.parse(body.dataset.now) - Date.now();
const serverNow = () => Date.now() + skew;

function tick() {
  for (const clock of document.querySelectorAll("[data-until]")) {
    let left = Math.max(0, Math.floor((Date.parse(clock.dataset.until) - serverNow()) / 1000));
    const parts = { d: Math.floor(left / 86400), h: Math.floor(left / 3600) % 24, m: Math.floor(left / 60) % 60, s: left % 60 };
    for (const [name, value] of Object.entries(parts)) {
      const place = clock.querySelector(`[data-${name}]`);
      if (place) place.textContent = name === "d" ? value : String(value).padStart(2, "0");
    }
  }
}
setInterval(tick, 1000);
tick();

/* Amount shortcuts fill the bid; nothing is sent. */
document.addEventListener("click", (event) => {
  const quick = event.target.closest("[data-amount]");
  if (quick) {
    const input = document.querySelector("#amount");
    if (input) { input.value = quick.dataset.amount; input.focus(); }
  }
});

/* A live lot: one stream a page, closed while nobody looks, and the page re-reads what it shows. */
const live = document.querySelector("[data-live]");
if (live) {
  let source = null, poll = null, wanted = false, busy = false;
  async function reread() {
    if (busy) { wanted = true; return; }
    busy = true;
    try {
      const answer = await fetch(live.dataset.panel, { credentials: "same-origin" });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        /* From here on nothing waits, so what is typed meanwhile cannot be lost. */
        const typed = document.querySelector("#amount");
        const kept = typed && typed.value, focused = document.activeElement === typed;
        for (const part of fresh.querySelectorAll("[data-part]")) {
          const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
          if (old) old.replaceWith(part);
        }
        const again = document.querySelector("#amount");
        if (again && kept && typed.dataset.touched) { again.value = kept; again.dataset.touched = "1"; }
        if (again && focused) again.focus();
        tick();
      }
    } finally {
      busy = false;
      if (wanted) { wanted = false; reread(); }
    }
  }
  document.addEventListener("input", (event) => { if (event.target.id === "amount") event.target.dataset.touched = "1"; });
  let last = live.dataset.mark;
  function seen(data) {
    if (data.server_now) skew = Date.parse(data.server_now) - Date.now();
    const mark = [data.price_minor, data.bid_count, data.ends_at, data.state].join("|");
    if (mark !== last) { last = mark; reread(); }
  }
  function startPolling() {
    if (!poll) poll = setInterval(async () => {
      try { const answer = await fetch(live.dataset.standing); if (answer.ok) seen(await answer.json()); } catch { /* tried again */ }
    }, 3000);
  }
  function open() {
    if (source || !("EventSource" in window)) { if (!source) startPolling(); return; }
    source = new EventSource(live.dataset.live);
    source.addEventListener("change", (event) => { clearInterval(poll); poll = null; seen(JSON.parse(event.data)); });
    source.addEventListener("error", startPolling);
  }
  function close() { if (source) { source.close(); source = null; } clearInterval(poll); poll = null; }
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();
  /* When the end passes, what is recorded comes with the next event; look once more in case it was missed. */
  setInterval(() => {
    const clock = document.querySelector("[data-until]");
    if (clock && Date.parse(clock.dataset.until) < serverNow()) reread();
  }, 5000);
}

/* Long work: ask how far it is, and read the page again when it is done. */
const work = document.querySelector("[data-progress]");
if (work) {
  const total = Number(work.dataset.total) || 0;
  setInterval(async () => {
    const answer = await fetch(work.dataset.progress);
    if (!answer.ok) return;
    const now = await answer.json();
    const done = now.state === "importing" ? now.rows_imported : now.rows_checked;
    const place = work.querySelector("[data-done]");
    if (place) place.textContent = done;
    const bar = work.querySelector("rect");
    if (bar && total) bar.setAttribute("width", `${Math.min(100, (100 * done) / total)}%`);
    if (!now.is_busy) location.reload();
  }, 1000);
}

/* A form is sent once. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
