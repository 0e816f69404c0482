// Light or dark, as the visitor chose in the footer, or else as the system has it. It runs before the page is
// painted, so that nothing flashes. The choice stays in this browser.
"use strict";
(() => {
  const KEY = "scheme";
  // What the style sheet keeps for the dark is shown always, never, or as it says itself.
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const dark = rules
    .filter((rule) => rule.media?.mediaText.includes("prefers-color-scheme: dark"))
    .map(({ media }) => [media, media.mediaText]);
  const shown = { light: "not all", dark: "screen" };
  const wear = (scheme) => {
    for (const [media, own] of dark) media.mediaText = shown[scheme] ?? own;
    document.documentElement.style.colorScheme = shown[scheme] ? scheme : "";
  };
  // A browser may keep nothing for anybody.
  const kept = () => {
    try {
      return localStorage.getItem(KEY) ?? "";
    } catch {
      return "";
    }
  };
  const keep = (scheme) => {
    try {
      if (scheme) localStorage.setItem(KEY, scheme);
      else localStorage.removeItem(KEY);
    } catch {
      // It holds for this page.
    }
  };
  wear(kept());
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("scheme");
    if (!choice) return;
    choice.parentElement.hidden = false;
    choice.value = shown[kept()] ? kept() : "";
    choice.addEventListener("change", () => {
      keep(choice.value);
      wear(choice.value);
    });
  });
  // Other tabs follow.
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEY) return;
    wear(newValue ?? "");
    const choice = document.getElementById("scheme");
    if (choice) choice.value = newValue ?? "";
  });
})();
