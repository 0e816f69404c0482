// What the pages do beyond plain HTML: times in the visitor's own zone, the values of charts by
// pointer and arrow keys, copying, completion, and following what changes. All is there without it.
"use strict";
(() => {
  const lang = document.documentElement.lang;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const main = document.getElementById("main");

  // Times in the visitor's zone, with UTC on hover.
  const format = (options) => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options);
  const utc = format({ dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  const own = format({ dateStyle: "long", timeStyle: "long" });
  const date = format({ dateStyle: "short" });
  const clock = { hour: "2-digit", minute: "2-digit" };
  const formats = new Map();
  function localTime(time, now) {
    const at = new Date(time.dateTime);
    const shows = time.dataset.f;
    // What stays in UTC says the visitor's own time instead.
    time.title = shows === "u" ? own.format(at) : utc.format(at) + " UTC";
    if (shows === "d" || shows === "u" || zone === "UTC") return;
    const year = at.getFullYear() !== now.getFullYear();
    const day = shows !== "m" && (year || date.format(at) !== date.format(now));
    const key = `${shows}${day}${year}`;
    if (!formats.has(key)) {
      formats.set(key, format({
        ...clock,
        ...(shows === "s" && { second: "2-digit" }),
        ...(day && { day: "numeric", month: "long" }),
        ...(year && day && { year: "numeric" }),
      }));
    }
    time.textContent = formats.get(key).format(at);
  }

  // A chart is a slider over its values: what a rectangle's title says goes below the chart.
  function values(svg) {
    const hits = svg.querySelectorAll(".hit");
    for (const hit of hits) {
      const title = hit.querySelector("title");
      if (title) hit.setAttribute("data-words", title.textContent);
      title?.remove();
    }
    const attributes = { role: "slider", tabindex: 0, "aria-valuemin": 1, "aria-valuemax": hits.length };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    if (!svg.hasAttribute("aria-valuenow")) show(svg, hits.length - 1, false);
  }
  function show(svg, place, says = true) {
    const hits = svg.querySelectorAll(".hit");
    const hit = hits[Math.max(0, Math.min(place, hits.length - 1))];
    if (!hit) return;
    svg.setAttribute("aria-valuenow", [...hits].indexOf(hit) + 1);
    svg.setAttribute("aria-valuetext", hit.dataset.words);
    if (!says) return;
    svg.querySelector(".on")?.classList.remove("on");
    hit.classList.add("on");
    svg.closest("figure").querySelector(".readout").textContent = hit.dataset.words;
  }
  document.addEventListener("pointerover", (event) => {
    const hit = event.target.closest?.(".hit");
    if (hit) show(hit.ownerSVGElement, [...hit.ownerSVGElement.querySelectorAll(".hit")].indexOf(hit));
  });
  document.addEventListener("keydown", (event) => {
    const svg = event.target.closest?.("[data-values] svg");
    if (!svg) return;
    const now = svg.getAttribute("aria-valuenow") - 1;
    const to = {
      ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
      PageDown: now - 10, PageUp: now + 10, Home: 0, End: Infinity,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(svg, to);
  });
  document.addEventListener("focusin", (event) => {
    const svg = event.target.closest?.("[data-values] svg");
    if (svg) show(svg, svg.getAttribute("aria-valuenow") - 1);
  });

  // Copying what stands in a box.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    const code = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(code);
    }
  });

  function dress(root) {
    const now = new Date();
    for (const time of root.querySelectorAll("time[datetime]")) localTime(time, now);
    for (const svg of root.querySelectorAll("[data-values] svg:not(.key)")) values(svg);
    for (const button of root.querySelectorAll("button[data-copy]")) button.hidden = false;
  }
  dress(document);

  // A long list of names completes from the service.
  const search = document.getElementById("q");
  const names = document.getElementById("names");
  if (search && names?.dataset.more !== undefined) {
    let asked;
    search.addEventListener("input", () => {
      clearTimeout(asked);
      const q = search.value.trim();
      if (q.length < 2) return;
      asked = setTimeout(async () => {
        const answer = await fetch(`/api/v1/sites?limit=10&q=${encodeURIComponent(q)}`);
        if (!answer.ok) return;
        const { sites } = await answer.json();
        names.replaceChildren(...sites.map(({ name }) => new Option(name, name)));
      }, 150);
    });
  }

  // Following what changes.
  const { follows, on, lost, poll } = document.body.dataset;
  if (!follows) return;
  const live = document.getElementById("live");
  const touch = document.getElementById("touch");
  let lostAt = null;
  let busy = false;
  let again = false;
  let source = null;

  // Makes what is there into what is wanted, node by node, so that focus and open parts stay.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.data = fresh.data;
      return;
    }
    const mine = document.activeElement?.closest("figure[data-values]");
    if (mine && mine === old) return;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const before = [...old.childNodes];
    const after = [...fresh.childNodes];
    after.forEach((node, place) => (before[place] ? morph(before[place], node) : old.append(node)));
    before.slice(after.length).forEach((node) => node.remove());
  }

  function swap(page) {
    const verdict = () => main.querySelector("h1")?.textContent;
    const was = verdict();
    dress(page);
    document.title = page.title;
    const icon = document.getElementById("icon");
    const shown = page.getElementById("icon").getAttribute("href");
    if (icon.getAttribute("href") !== shown) icon.setAttribute("href", shown);
    morph(main, page.getElementById("main"));
    const asOf = page.getElementById("as-of");
    if (asOf) document.getElementById("as-of")?.replaceWith(asOf);
    if (verdict() !== was) touch.textContent = verdict();
  }

  function inTouch(is) {
    if (is === (lostAt === null) && live.textContent) return;
    lostAt = is ? null : new Date();
    touch.classList.toggle("notice", !is);
    touch.textContent = is ? "" : lost.replace("{time}", format(clock).format(lostAt));
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      inTouch(true);
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      inTouch(false);
    }
    busy = false;
    live.textContent = source?.readyState === EventSource.OPEN ? on : poll;
    if (again) soon();
  }

  // A little later, so that a burst of news is one question and a crowd does not ask at once.
  let planned = null;
  function soon() {
    again = false;
    planned ??= setTimeout(() => {
      planned = null;
      refresh();
    }, 100 + Math.random() * 500);
  }

  function listen() {
    source = new EventSource("/api/v1/events");
    source.addEventListener("open", () => {
      live.textContent = on;
      if (lostAt) soon();
    });
    source.addEventListener("verdict", ({ data }) => {
      if (follows === "*" || JSON.parse(data).slug === follows) soon();
    });
    source.addEventListener("error", () => {
      soon();
      // It tries again by itself, unless the answer was no.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 60_000);
    });
  }
  listen();
  // A page that is left gives its connection back, of which a browser has few; one that is come
  // back to asks what it missed.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    listen();
    soon();
  });

  let ticks = 0;
  setInterval(() => {
    ticks += 1;
    const listening = source.readyState === EventSource.OPEN;
    if (!document.hidden && (!listening || lostAt || ticks % 2 === 0)) refresh();
  }, 30_000);
  document.addEventListener("visibilitychange", () => document.hidden || soon());
})();
