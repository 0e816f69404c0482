// What the pages do beyond plain HTML: times in the visitor's own zone and ages that count on, the
// values of charts by pointer and arrow keys, copying, suggestions, and following what changes. All
// is there without it.
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
  // No line ends after a number.
  const unbroken = (words) => words.replace(/(\d) /g, "$1\u00a0");
  function localTime(time, now) {
    const at = new Date(time.dateTime);
    const shows = time.dataset.f;
    // What stays in UTC says the visitor's own time instead.
    time.title = shows === "u" ? own.format(at) : utc.format(at) + " UTC";
    if (shows === "a") return;
    if (shows === "d" || shows === "u" || zone === "UTC") return;
    const beside = time.dataset.beside ? new Date(time.dataset.beside) : now;
    const year = at.getFullYear() !== beside.getFullYear();
    const day = year || date.format(at) !== date.format(beside);
    const key = `${shows}${day}${year}`;
    if (!formats.has(key)) {
      formats.set(key, format({
        ...clock,
        ...(shows === "s" && { second: "2-digit" }),
        ...(day && { day: "numeric", month: "long" }),
        ...(year && day && { year: "numeric" }),
      }));
    }
    time.textContent = unbroken(formats.get(key).format(at));
  }

  // Whoever sees own times is told so, once.
  const asOf = document.querySelector("#as-of time");
  if (zone !== "UTC" && asOf && asOf.dataset.f !== "u") {
    const said = document.getElementById("zone");
    said.textContent = `· ${said.dataset.words.replace("{zone}", zone.replaceAll("_", " "))}`;
  }

  // Ages count on by themselves, whatever becomes of the service.
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "always" });
  // How far the visitor's clock is ahead of the service's.
  let ahead = 0;
  function setClock(page) {
    const asOf = page.querySelector("#as-of time")?.dateTime;
    if (asOf) ahead = Date.now() - new Date(asOf);
  }
  setClock(document);
  function countOn() {
    for (const time of document.querySelectorAll("time[data-f=a]")) {
      const seconds = Math.floor((Date.now() - ahead - new Date(time.dateTime)) / 1000);
      if (seconds < 1) continue;
      const [unit, size] = seconds < 60 ? ["second", 1] : seconds < 7200 ? ["minute", 60] : ["hour", 3600];
      const words = unbroken(relative.format(-Math.floor(seconds / size), unit));
      if (time.textContent !== words) time.textContent = words;
    }
  }
  setInterval(countOn, 1_000);

  // That a report was counted is said once; the address does not say it to whoever gets it next.
  const here = new URL(location);
  if (here.searchParams.has("told")) {
    here.searchParams.delete("told");
    history.replaceState(null, "", here);
  }

  // A chart is a slider over its values: what a rectangle's title says stands at the pointer and below
  // the chart, with its time in the visitor's zone; Enter or a click opens what the value leads to.
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const axis = { h: format(clock), s: format({ ...clock, second: "2-digit" }), day: format({ ...clock, day: "numeric", month: "long" }) };
  function wordsOf(hit) {
    const words = hit.querySelector("title").textContent;
    const { at, f } = hit.dataset;
    if (!at || f === "d" || zone === "UTC") return words;
    return axis[f ?? "day"].format(new Date(at)) + words.slice(words.indexOf(": "));
  }
  function values(svg) {
    const hits = svg.querySelectorAll(".hit");
    for (const hit of hits) {
      if (!hit.firstElementChild) continue;
      hit.setAttribute("data-words", wordsOf(hit));
      hit.firstElementChild.remove();
    }
    const attributes = { role: "slider", tabindex: 0, "aria-valuemin": 1, "aria-valuemax": hits.length };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    if (!svg.hasAttribute("aria-valuenow")) choose(svg, hits.length - 1);
    const readout = svg.closest("figure").querySelector(".readout");
    readout.dataset.whole ??= readout.textContent;
  }
  function choose(svg, place) {
    const hits = svg.querySelectorAll(".hit");
    const now = Math.max(0, Math.min(place, hits.length - 1));
    if (!hits[now]) return null;
    svg.setAttribute("aria-valuenow", now + 1);
    svg.setAttribute("aria-valuetext", hits[now].dataset.words);
    return hits[now];
  }
  function show(svg, place) {
    const hit = choose(svg, place);
    if (!hit) return;
    svg.querySelector(".on")?.classList.remove("on");
    hit.classList.add("on");
    const readout = svg.closest("figure").querySelector(".readout");
    readout.textContent = hit.dataset.words;
    if (hit.dataset.href) {
      const link = Object.assign(document.createElement("a"), { href: hit.dataset.href, textContent: readout.dataset.open });
      readout.append(" · ", link);
    }
    tip.textContent = hit.dataset.words;
    tip.hidden = false;
    tip.style.left = 0;
    const { left, width, top } = hit.getBoundingClientRect();
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${scrollX + Math.max(8, Math.min(left + (width - tip.offsetWidth) / 2, room))}px`;
    tip.style.top = `${scrollY + top - tip.offsetHeight - 8}px`;
  }
  // What a chart says as a whole comes back, unless a link in it is on its way to be pressed.
  function leave(svg) {
    tip.hidden = true;
    svg.querySelector(".on")?.classList.remove("on");
    const readout = svg.closest("figure").querySelector(".readout");
    if (!readout.querySelector("a")) readout.textContent = readout.dataset.whole;
  }
  const chartAt = (event) => event.target.closest?.("[data-values] svg[role=slider]");
  const hitAt = (event) => event.target.closest?.("[data-values] .hit");
  document.addEventListener("pointerover", (event) => {
    const hit = hitAt(event);
    if (hit) show(hit.ownerSVGElement, [...hit.ownerSVGElement.querySelectorAll(".hit")].indexOf(hit));
  });
  document.addEventListener("pointerout", (event) => {
    const svg = chartAt(event);
    if (svg && !svg.contains(event.relatedTarget)) leave(svg);
  });
  document.addEventListener("click", (event) => {
    const { href } = hitAt(event)?.dataset ?? {};
    // A finger shows first: the link is in what is then said.
    if (href && event.pointerType === "mouse") location.assign(href);
  });
  document.addEventListener("keydown", (event) => {
    const svg = chartAt(event);
    if (!svg) return;
    if (event.key === "Escape") return leave(svg);
    const now = svg.getAttribute("aria-valuenow") - 1;
    const { href } = svg.querySelectorAll(".hit")[now]?.dataset ?? {};
    if (event.key === "Enter" && href) return location.assign(href);
    const to = {
      ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1,
      PageDown: now - 10, PageUp: now + 10, Home: 0, End: Infinity,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(svg, to);
  });
  document.addEventListener("focusin", (event) => {
    const svg = chartAt(event);
    if (svg?.matches(":focus-visible")) show(svg, svg.getAttribute("aria-valuenow") - 1);
  });
  document.addEventListener("focusout", (event) => {
    const svg = chartAt(event);
    if (svg) leave(svg);
  });

  // Copying what stands in a box.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    const code = document.getElementById(button.dataset.copy);
    const says = (words) => {
      button.dataset.label ??= button.textContent;
      button.textContent = words;
      setTimeout(() => (button.textContent = button.dataset.label), 2_500);
    };
    try {
      await navigator.clipboard.writeText(code.textContent);
      says(button.dataset.done);
    } catch {
      // Without encryption a browser has no clipboard: what is chosen is copied by hand.
      getSelection().selectAllChildren(code);
      says(button.dataset.failed);
    }
  });

  // What a form makes is made anew at every choice; without scripts there is its button.
  document.addEventListener("change", async (event) => {
    const form = event.target.closest?.("form[data-builder]");
    if (!form) return;
    const answer = await fetch(`${form.action}?${new URLSearchParams(new FormData(form))}`).catch(() => null);
    if (!answer?.ok) return form.requestSubmit();
    const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("made");
    dress(made);
    document.getElementById("made").replaceWith(made);
  });

  // An order that is pressed needs no button. Arrow keys pass over those that are not meant: whoever uses
  // keys has the button.
  let byKey = false;
  const showButtons = (root) => {
    for (const button of root.querySelectorAll("[data-at-once] button")) button.hidden = !byKey;
  };
  for (const [kind, isKey] of [["keydown", true], ["pointerdown", false]]) {
    document.addEventListener(kind, () => {
      byKey = isKey;
      if (isKey) showButtons(document);
    }, true);
  }

  function dress(root) {
    showButtons(root);
    const now = new Date(Date.now() - ahead);
    for (const time of root.querySelectorAll("time[datetime]")) localTime(time, now);
    for (const svg of root.querySelectorAll("[data-values] svg:not(.key, .axis)")) values(svg);
    for (const mark of zone === "UTC" ? [] : root.querySelectorAll(".axis [data-at]")) {
      mark.textContent = axis.h.format(new Date(mark.dataset.at));
    }
    for (const button of root.querySelectorAll("button[data-copy]")) button.hidden = false;
  }
  dress(document);

  // A link to an endpoint opens what is folded there.
  const unfold = () => document.querySelector(":target")?.closest(".endpoint")?.querySelector("details")?.setAttribute("open", "");
  addEventListener("hashchange", unfold);
  addEventListener("load", unfold);

  // Sites that fit what is typed, each with how it is; the field is in the header of every page.
  const search = document.getElementById("q");
  if (search) {
    const words = search.form.dataset;
    const list = document.createElement("ul");
    let asked;
    let newest = 0;
    Object.assign(list, { id: "found-here", className: "found-here", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", search.labels[0].textContent);
    search.form.append(list);
    const attributes = { role: "combobox", "aria-expanded": false, "aria-controls": list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(attributes)) search.setAttribute(name, value);
    const options = () => [...list.children];
    const chosen = () => list.querySelector("[aria-selected=true]");
    const choose = (option) => {
      chosen()?.setAttribute("aria-selected", false);
      option?.setAttribute("aria-selected", true);
      if (option) search.setAttribute("aria-activedescendant", option.id);
      else search.removeAttribute("aria-activedescendant");
    };
    const open = (is) => {
      list.hidden = !is;
      search.setAttribute("aria-expanded", is);
      if (!is) choose(null);
    };
    const go = (option) => {
      const to = new URL(`/${encodeURIComponent(option.dataset.slug)}`, location);
      const chosenLanguage = search.form.elements.lang?.value;
      if (chosenLanguage) to.searchParams.set("lang", chosenLanguage);
      location.assign(to);
    };
    const option = ({ slug, name, status }, place) => {
      const item = document.createElement("li");
      Object.assign(item, { id: `found-${place}` });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", false);
      item.dataset.slug = slug;
      const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      icon.setAttribute("class", `i ${status}`);
      icon.setAttribute("aria-hidden", true);
      const use = document.createElementNS(icon.namespaceURI, "use");
      use.setAttribute("href", `#${status}`);
      icon.append(use);
      const said = Object.assign(document.createElement("span"), { className: "name", textContent: `${name} ` });
      said.append(Object.assign(document.createElement("small"), { textContent: slug }));
      const word = Object.assign(document.createElement("span"), { className: `word ${status}`, textContent: words[status] });
      item.append(said, icon, word);
      return item;
    };
    search.addEventListener("input", () => {
      clearTimeout(asked);
      const q = search.value.trim();
      if (q.length < 2) return open(false);
      asked = setTimeout(async () => {
        const mine = ++newest;
        const answer = await fetch(`/suggest?q=${encodeURIComponent(q)}`).catch(() => null);
        if (!answer?.ok || mine !== newest || document.activeElement !== search) return;
        list.replaceChildren(...(await answer.json()).map(option));
        open(list.children.length > 0);
      }, 120);
    });
    search.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const all = options();
      const now = all.indexOf(chosen());
      if (event.key === "ArrowDown") choose(all[(now + 1) % all.length]);
      else if (event.key === "ArrowUp") choose(all[now < 1 ? all.length - 1 : now - 1]);
      else if (event.key === "Escape") open(false);
      else if (event.key === "Enter" && now >= 0) go(all[now]);
      else return;
      event.preventDefault();
    });
    // What is pressed keeps the field's focus, so that the list is still there.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const pressed = event.target.closest("li");
      if (pressed) go(pressed);
    });
    search.addEventListener("blur", () => open(false));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      search.focus();
      search.select();
    });
  }
  document.addEventListener("change", (event) => {
    if (!byKey) event.target.closest("form[data-at-once]")?.submit();
  });

  // "Tell me when it is back": a notification of this tab, allowed on the press; where the browser shows none,
  // the title of the tab has to do. Nothing leaves the browser.
  let bell = null;
  const statusOf = (page) => page.querySelector("main [data-status]")?.dataset.status;
  function dressBell(page) {
    const button = page.querySelector(".bell");
    if (!button) return;
    button.hidden = !bell && !["down", "partial", "slow"].includes(statusOf(page));
    button.setAttribute("aria-pressed", Boolean(bell));
    for (const line of page.querySelectorAll("[data-bell]")) line.hidden = line.dataset.bell !== bell;
  }
  function ring(page) {
    const status = statusOf(page);
    if (!bell || status === statusOf(document)) return;
    const title = page.querySelector("h1").textContent;
    const told = { body: page.querySelector(".gist")?.textContent, icon: page.getElementById("icon").href, tag: follows };
    if (bell === "notice") new Notification(title, told).onclick = () => window.focus();
    // It goes on until it is over.
    if (status === "up") bell = null;
  }
  document.addEventListener("click", async (event) => {
    if (!event.target.closest?.(".bell")) return;
    if (bell) {
      bell = null;
      return dressBell(document);
    }
    const may = await window.Notification?.requestPermission().catch(() => null);
    bell = may === "granted" && canNotify() ? "notice" : "title";
    dressBell(document);
  });
  // Browsers of telephones have the means and refuse it to a page.
  function canNotify() {
    try {
      new Notification(document.title, { silent: true }).close();
      return true;
    } catch {
      return false;
    }
  }
  dressBell(document);

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
    // The search is the visitor's.
    if (old.className === "search") return;
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
    morphChildren(old, fresh);
  }

  // What has a name goes by it, not by its place: what has focus stays what it is.
  function morphChildren(old, fresh) {
    const name = (node) => node.dataset?.key ?? (node.id || undefined);
    const spare = [...old.childNodes];
    const take = (node) => {
      const fits = (mine) => mine.nodeName === node.nodeName && name(mine) === name(node);
      const place = spare.findIndex(fits);
      return place < 0 ? null : spare.splice(place, 1)[0];
    };
    const wanted = [...fresh.childNodes].map((node) => {
      const mine = take(node);
      if (mine) morph(mine, node);
      return mine ?? node;
    });
    spare.forEach((node) => node.remove());
    // One that has focus would lose it when it is moved: the others move round it.
    let next = null;
    for (const node of wanted.reverse()) {
      const stays = node.parentNode === old && node.contains(document.activeElement);
      if (!stays && (node.parentNode !== old || node.nextSibling !== next)) old.insertBefore(node, next);
      next = node;
    }
  }

  // Nothing moves under a pointer that is about to press: until it has left the list, or rested, each
  // row is only made what it is now. A row that is pointed at or has focus then keeps its height on the
  // screen.
  let pointed = 0;
  const RESTS = 4_000;
  document.addEventListener("pointermove", ({ target }) => {
    if (target.closest?.("[data-key]")) pointed = Date.now();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (target.closest?.("[data-key]")) pointed = Date.now();
  });
  document.addEventListener("pointerout", ({ relatedTarget }) => {
    if (!relatedTarget?.closest?.("[data-key]")) pointed = 0;
  });
  const keys = (root) => [...root.querySelectorAll("[data-key]")].map(({ dataset }) => dataset.key).join();
  function rowsOnly(fresh) {
    for (const row of main.querySelectorAll("[data-key]")) {
      const mine = fresh.querySelector(`[data-key="${CSS.escape(row.dataset.key)}"]`);
      if (mine) morph(row, mine);
    }
  }

  function swap(page) {
    const verdict = () => main.querySelector("[data-summary]")?.dataset.summary;
    const was = verdict();
    setClock(page);
    dress(page);
    ring(page);
    dressBell(page);
    const fresh = page.getElementById("main");
    if (Date.now() - pointed < RESTS && keys(main) !== keys(fresh)) {
      rowsOnly(fresh);
      return setTimeout(soon, RESTS);
    }
    document.title = page.title;
    const icon = document.getElementById("icon");
    const shown = page.getElementById("icon").getAttribute("href");
    if (icon.getAttribute("href") !== shown) icon.setAttribute("href", shown);
    const held = document.activeElement?.closest("main [data-key]") ?? main.querySelector("[data-key]:hover");
    const height = held?.getBoundingClientRect().top;
    morph(main, fresh);
    if (held?.isConnected) scrollBy({ top: held.getBoundingClientRect().top - height, behavior: "instant" });
    countOn();
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
    source.addEventListener("notice", soon);
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
