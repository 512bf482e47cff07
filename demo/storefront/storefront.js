// The demo shop's own script: theme, filter and basket. It runs before the body
// is parsed so that a chosen theme never flashes; the rest waits for the page.
"use strict";
(() => {
  const root = document.documentElement;

  // Storage can be refused (private windows, blocked cookies): the shop works
  // without it and only forgets.
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* forgotten */ } };

  const chosen = read("dunnock-theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

  function wireTheme() {
    const button = document.querySelector("[data-theme-toggle]");
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    show();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      write("dunnock-theme", root.dataset.theme);
      show();
    });
  }

  // wireFilter shows the cards that fit ?q= and ?category=; without a script
  // the page shows all of them.
  function wireFilter() {
    const grid = document.querySelector("[data-grid]");
    if (!grid) return;
    const params = new URLSearchParams(location.search);
    const category = params.get("category") || "";
    const words = (params.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    for (const link of document.querySelectorAll("[data-category-link]")) {
      if (category && link.dataset.categoryLink === category) link.setAttribute("aria-current", "page");
    }
    if (!category && !words.length) return;
    let shown = 0;
    for (const card of grid.children) {
      const text = (card.textContent + " " + (card.dataset.category || "")).toLowerCase();
      const fits = card.dataset.category !== undefined
        && (!category || card.dataset.category.split(" ").includes(category))
        && words.every((word) => text.includes(word));
      card.hidden = !fits;
      if (fits) shown++;
    }
    grid.classList.add("filtered");
    const field = document.querySelector("#q");
    if (field && words.length) field.value = params.get("q");
    const result = document.querySelector("[data-result]");
    result.textContent = `${result.dataset.result} ${shown}`;
    result.hidden = false;
    document.querySelector("[data-all]").hidden = false;
    document.querySelector("#plates").scrollIntoView();
  }

  function load() {
    try {
      const list = JSON.parse(read("dunnock-basket") || "[]");
      return Array.isArray(list) ? list.filter((item) => item && item.id && item.price >= 0 && item.count > 0) : [];
    } catch {
      return [];
    }
  }

  function wireBasket() {
    const dialog = document.querySelector("[data-basket]");
    const opener = document.querySelector("[data-basket-open]");
    const number = document.querySelector("[data-basket-count]");
    const said = document.querySelector("[data-said]");
    const euro = new Intl.NumberFormat(root.lang || "en", { style: "currency", currency: "EUR" });
    let items = load();

    function show() {
      const count = items.reduce((sum, item) => sum + item.count, 0);
      number.textContent = String(count);
      number.hidden = count === 0;
      const list = dialog.querySelector("[data-basket-items]");
      list.replaceChildren(...items.map((item) => {
        const row = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = item.count > 1 ? `${item.count} × ${item.name}` : item.name;
        const price = document.createElement("span");
        price.textContent = euro.format(item.price * item.count);
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "quiet";
        remove.textContent = dialog.dataset.remove;
        remove.setAttribute("aria-label", `${dialog.dataset.remove}: ${item.name}`);
        remove.addEventListener("click", () => {
          items = items.filter((other) => other.id !== item.id);
          save();
          (list.querySelector("button") || dialog.querySelector("[data-basket-close]")).focus();
        });
        row.append(name, price, remove);
        return row;
      }));
      dialog.querySelector("[data-basket-empty]").hidden = items.length > 0;
      const total = dialog.querySelector("[data-basket-total]");
      total.parentElement.hidden = items.length === 0;
      total.textContent = euro.format(items.reduce((sum, item) => sum + item.price * item.count, 0));
    }

    function save() {
      write("dunnock-basket", JSON.stringify(items));
      show();
    }

    for (const button of document.querySelectorAll("[data-add]")) {
      button.addEventListener("click", () => {
        // On the product page the button's form holds what was chosen: size, width.
        const chosen = button.form ? [...new FormData(button.form).values()].join(" ") : "";
        const id = [button.dataset.add, chosen].filter(Boolean).join(" ");
        const name = [button.dataset.name, chosen].filter(Boolean).join(", ");
        const known = items.find((item) => item.id === id);
        if (known) known.count++;
        else items.push({ id, name, price: Number(button.dataset.price), count: 1 });
        save();
        said.textContent = `${name}: ${dialog.dataset.added}`;
      });
    }
    opener.addEventListener("click", () => dialog.showModal());
    dialog.querySelector("[data-basket-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    wireTheme();
    wireFilter();
    wireBasket();
  });
})();
