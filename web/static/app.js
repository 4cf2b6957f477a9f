// Small conveniences; every page works without them.
(() => {
  "use strict";
  const body = document.body;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const reveal = () => all("[data-needs-script]").forEach((one) => { one.hidden = false; });

  // A form is sent once: the key in it makes a second copy harmless, the disabled button tells so.
  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.submitter?.formMethod === "get") return;
    if (sent.has(form)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    sent.add(form);
    setTimeout(() => all("button", form).forEach((button) => {
      button.disabled = true;
      if (button.classList.contains("primary")) { button.dataset.label = button.textContent; button.textContent = body.dataset.sending; }
    }), 0);
  }, true);
  const free = () => all("form[data-once]").forEach((form) => {
    sent.delete(form);
    all("button:disabled", form).forEach((button) => {
      button.disabled = false;
      if (button.dataset.label) button.textContent = button.dataset.label;
    });
  });
  window.addEventListener("pageshow", free);
  document.addEventListener("htmx:error", free);

  // Photos are made smaller before they leave the phone; this also drops their hidden data.
  const MOST = 2048;
  const shrink = async (file) => {
    if (!file.type.startsWith("image/")) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 600000) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
    return blob ? new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }) : file;
  };
  const smaller = async (input) => {
    const list = new DataTransfer();
    for (const file of input.files) {
      try { list.items.add(await shrink(file)); } catch { list.items.add(file); }
    }
    input.files = list.files;
  };
  const located = (form) => new Promise((done) => {
    const lon = form.querySelector("input[name=lon]");
    if (!lon || lon.value || !navigator.geolocation) { done(); return; }
    setTimeout(done, 15000);
    navigator.geolocation.getCurrentPosition((place) => {
      lon.value = place.coords.longitude.toFixed(6);
      form.querySelector("input[name=lat]").value = place.coords.latitude.toFixed(6);
      done();
    }, done, { enableHighAccuracy: true, timeout: 15000 });
  });
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches?.("input[data-shrink]") || !input.form) return;
    const button = input.form.querySelector("button.primary");
    if (button && !button.dataset.label) {
      button.dataset.label = button.textContent;
      button.textContent = body.dataset.preparing;
    }
    if (button) button.disabled = true;
    await Promise.all([smaller(input), located(input.form)]);
    if (!button) return;
    button.disabled = false;
    if (button.dataset.label) button.textContent = button.dataset.label;
    delete button.dataset.label;
  });

  // Who reports his arrival is located as he opens the form.
  document.addEventListener("toggle", (event) => {
    const box = event.target;
    if (box.dataset?.here === undefined || !box.open) return;
    const form = box.querySelector("form");
    if (form) located(form);
  }, true);

  // Copy, print, location.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button, a");
    if (!button) return;
    if (button.dataset.copy !== undefined) {
      await navigator.clipboard?.writeText(button.dataset.copy);
      button.textContent = body.dataset.copied;
    } else if (button.dataset.print !== undefined) {
      window.print();
    } else if (button.dataset.open) {
      const details = document.getElementById(button.dataset.open);
      if (details) { details.open = true; event.preventDefault(); details.scrollIntoView({ block: "center" }); details.querySelector("summary").focus(); }
    } else if (button.dataset.locate !== undefined) {
      const said = document.getElementById("located");
      said.textContent = body.dataset.locating;
      navigator.geolocation?.getCurrentPosition((place) => {
        document.getElementById("lon").value = place.coords.longitude.toFixed(6);
        document.getElementById("lat").value = place.coords.latitude.toFixed(6);
        said.textContent = body.dataset.located;
      }, () => { said.textContent = body.dataset.notLocated; }, { enableHighAccuracy: true, timeout: 15000 });
    }
  });

  // Templates and right channels are typed into the text, so that ctrl-z takes them out again.
  const type = (area, words) => {
    if (!area) return;
    const gap = area.value && !/\s$/.test(area.value) ? "\n" : "";
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
    if (!document.execCommand("insertText", false, gap + words)) area.setRangeText(gap + words, area.value.length, area.value.length, "end");
  };
  document.addEventListener("change", (event) => {
    const list = event.target;
    if (list.dataset?.fill && list.value) {
      type(document.getElementById(list.dataset.fill), list.value);
      list.value = "";
    }
    const told = list.id && document.querySelector(`[data-channel-of="${CSS.escape(list.id)}"]`);
    if (told) {
      const channel = list.selectedOptions[0]?.dataset.channel ?? "";
      told.hidden = !channel;
      told.querySelector("span").textContent = channel;
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-say]");
    if (button) type(document.getElementById(button.dataset.say), button.parentElement.querySelector("span").textContent);
  });

  // The board: which line is open, keys, and no refresh under somebody's fingers.
  const chosen = () => new URLSearchParams(location.search).get("case");
  const mark = () => {
    const work = document.querySelector(".work");
    if (!work) return;
    const open = document.querySelector("#panel .case")?.dataset.case;
    work.classList.toggle("with-case", Boolean(open));
    all(".line").forEach((line) => {
      if (line.dataset.case === (open ?? chosen())) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    });
  };
  const frame = () => {
    const work = document.querySelector(".work");
    if (work) work.parentElement.style.setProperty("--frame", `${Math.round(work.getBoundingClientRect().top + window.scrollY)}px`);
  };
  document.addEventListener("htmx:before:request", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (source?.matches?.("[data-board]") && all(".line").length > 31) event.preventDefault();
  });
  let focused = null;
  document.addEventListener("htmx:before:swap", () => {
    focused = document.activeElement?.closest?.(".line")?.dataset.case ?? null;
  });
  document.addEventListener("htmx:after:swap", () => {
    reveal();
    mark();
    if (focused) document.querySelector(`.line[data-case="${CSS.escape(focused)}"]`)?.focus();
    focused = null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); }
    } else if (event.key === "j" || event.key === "k") {
      const lines = all(".line");
      const from = lines.findIndex((line) => line === document.activeElement);
      const start = from >= 0 ? from : lines.findIndex((line) => line.hasAttribute("aria-current"));
      const to = Math.max(0, Math.min(lines.length - 1, start + (event.key === "j" ? 1 : -1)));
      lines[to]?.focus();
    }
  });

  reveal();
  mark();
  frame();
  window.addEventListener("resize", frame);
  document.getElementById("errors")?.focus();
})();
