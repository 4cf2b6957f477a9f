// What was typed survives a reload and the end of a session, on this device, for a day.
// Names and telephones (data-private), photos and keys are never kept.
(() => {
  "use strict";
  const DAY = 24 * 3600 * 1000;
  const store = (() => { try { return window.localStorage; } catch { return null; } })();
  if (!store) return;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const place = (name) => `draft:${name}`;
  const kept = (input) => input.name && !["hidden", "file", "password"].includes(input.type)
    && !input.closest("[data-private]") && !["case", "sure"].includes(input.name);
  const read = (name) => {
    try {
      const found = JSON.parse(store.getItem(place(name)) ?? "null");
      return found && Date.now() - found.at < DAY ? found.fields : null;
    } catch { return null; }
  };

  all("[data-draft-done]").forEach((one) => store.removeItem(place(one.dataset.draftDone)));
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== "/sign-out") return;
    Object.keys(store).filter((key) => key.startsWith("draft:")).forEach((key) => store.removeItem(key));
  });

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const inputs = () => [...form.elements].filter(kept);
  const save = () => {
    const fields = {};
    inputs().forEach((input) => {
      if (input.type === "checkbox" || input.type === "radio") { if (input.checked) fields[input.name] = input.value; }
      else if (input.value) fields[input.name] = input.value;
    });
    try { store.setItem(place(form.dataset.draft), JSON.stringify({ at: Date.now(), fields })); } catch { /* full: go without */ }
  };
  // Fields that a choice brings in are filled when they come; each is filled once.
  const wanted = read(form.dataset.draft);
  const fill = () => {
    if (!wanted) return;
    const seen = new Set();
    let changed = null;
    inputs().forEach((input) => {
      const value = wanted[input.name];
      if (value === undefined) return;
      seen.add(input.name);
      const ticks = input.type === "checkbox" || input.type === "radio";
      if (ticks ? input.value !== value || input.checked : input.value) return;
      if (ticks) input.checked = true; else input.value = value;
      if (input.hasAttribute("data-asks")) changed = input;
    });
    seen.forEach((name) => { delete wanted[name]; });
    // Once htmx knows the field: it brings in what hangs on the choice.
    if (changed) setTimeout(() => changed.dispatchEvent(new Event("change", { bubbles: true })), 50);
  };
  window.addEventListener("DOMContentLoaded", fill);
  document.addEventListener("htmx:after:swap", fill);
  form.addEventListener("input", save);
  form.addEventListener("change", save);
})();
