// Ticking many cases: the bar follows, Space and Shift tick, and what is typed survives a reload.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const boxes = () => all("[data-many] input[name=case]");
  const number = (box) => box.value.replace(/\.\d+$/, ""); // a task's own begins with its case's

  // The board.
  let asked = 0;
  const picked = () => {
    clearTimeout(asked);
    asked = setTimeout(() => document.getElementById("many")?.dispatchEvent(new Event("picked")), 120);
    const link = document.querySelector("[data-all]");
    if (link) link.textContent = boxes().some((box) => !box.checked) ? link.dataset.every : link.dataset.none;
  };
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-many] input[name=case]");
    if (box) {
      const listed = boxes();
      if (event.shiftKey && last && listed.includes(last)) {
        const [from, to] = [listed.indexOf(last), listed.indexOf(box)].sort((a, b) => a - b);
        listed.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
      }
      last = box;
      picked();
      return;
    }
    const link = event.target.closest?.("[data-all]");
    if (link) {
      event.preventDefault();
      const every = boxes().some((one) => !one.checked);
      boxes().forEach((one) => { one.checked = every; });
      picked();
    }
  });
  document.addEventListener("keydown", (event) => {
    const box = event.key === " " && event.target.closest?.(".pick .line")?.parentElement.querySelector("input[name=case]");
    if (box) { event.preventDefault(); box.click(); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("select[data-submits]")) event.target.form.submit();
    const form = event.target.closest?.("form");
    const button = form?.querySelector("[data-counted]");
    if (button && event.target.name === "case") {
      const left = all("input[name=case]", form).filter((one) => one.checked).length;
      button.textContent = button.dataset.counted.replace("#", left);
      button.disabled = left === 0;
      all("[data-count]", form).forEach((one) => { one.textContent = left; });
    }
  });
  // A fresh board keeps what was ticked; a new version of a case takes its place.
  let kept = new Set();
  let open = false;
  document.addEventListener("htmx:before:swap", () => {
    open = document.querySelector("[data-rest]")?.open ?? false;
    kept = new Set(boxes().filter((box) => box.checked).map(number));
  });
  document.addEventListener("htmx:after:swap", () => {
    const rest = document.querySelector("[data-rest]");
    if (rest && open) rest.open = true;
    let again = false;
    boxes().forEach((box) => { if (!box.checked && kept.has(number(box))) { box.checked = true; again = true; } });
    if (again) picked();
    kept = new Set();
  });
  window.addEventListener("pageshow", () => { if (boxes().some((box) => box.checked)) picked(); });
})();
