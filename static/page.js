// What the pages do beyond plain HTML: times in the visitor's own zone, and following what changes.
// Everything is there without it.
"use strict";
(() => {
  const lang = document.documentElement.lang;
  const zone = { ...Intl.DateTimeFormat().resolvedOptions() }.timeZone;

  // Times in the visitor's zone, with UTC on hover.
  const format = (options) => new Intl.DateTimeFormat(lang, options);
  const utc = format({ dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  const today = format({ dateStyle: "short" });
  const hour = { hour: "2-digit", minute: "2-digit", hour12: false };
  const day = { day: "numeric", month: "long" };
  function localTimes(root) {
    const now = new Date();
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      time.title = utc.format(at) + " UTC";
      if (time.dataset.f === "d" || zone === "UTC") continue;
      const shown = { ...hour };
      if (time.dataset.f === "s") shown.second = "2-digit";
      if (today.format(at) !== today.format(now)) Object.assign(shown, day);
      if (at.getFullYear() !== now.getFullYear()) shown.year = "numeric";
      time.textContent = format(shown).format(at);
    }
  }
  localTimes(document);
})();
