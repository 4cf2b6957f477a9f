// The plan editor: what a task waits for is called by the department that was just chosen.
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const list = event.target;
    if (!list.matches?.("#plan-box select[data-unit]")) return;
    const named = list.value ? list.selectedOptions[0].textContent : "";
    document.querySelectorAll(`#plan-box [data-name-of="${CSS.escape(list.dataset.unit)}"]`).forEach((one) => { one.textContent = named; });
  });
  document.addEventListener("htmx:after:swap", () => document.querySelector("#plan-box [autofocus]")?.focus());
})();
