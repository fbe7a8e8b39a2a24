(function () {
  // An earlier build stands one folder deeper than the report that its links were made for.
  if (/\.earlier\/[^/]+\/[^/]*$/.test(window.location.pathname)) {
    Array.prototype.forEach.call(document.querySelectorAll("nav.set a"), function (link) { link.setAttribute("href", "../" + link.getAttribute("href")); });
  }
  var box = document.querySelector(".contents details");
  if (!box) return;
  var wide = window.matchMedia("(min-width: 72rem)");
  function fit() { box.open = wide.matches; }
  fit();
  wide.addEventListener("change", fit);
  box.querySelector("summary").addEventListener("click", function (event) { if (wide.matches) event.preventDefault(); });
  var codes = document.querySelectorAll("details.code");
  var button = document.querySelector("[data-code]");
  button.hidden = codes.length === 0;
  button.addEventListener("click", function () {
    var open = button.textContent.indexOf("Show") === 0;
    codes.forEach(function (code) { code.open = open; });
    button.textContent = open ? "Hide all code" : "Show all code";
  });
  var links = Array.prototype.slice.call(document.querySelectorAll(".contents a"));
  var heads = links.map(function (link) { return document.getElementById(decodeURIComponent(link.hash.slice(1))); });
  function mark() {
    var now = -1;
    heads.forEach(function (head, i) { if (head && !head.closest("details:not([open])") && head.getBoundingClientRect().top < window.innerHeight * 0.3) now = i; });
    links.forEach(function (link, i) { if (i === now) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current"); });
  }
  var waiting = false;
  window.addEventListener("scroll", function () {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(function () { waiting = false; mark(); });
  }, { passive: true });
  mark();
  var folds = Array.prototype.slice.call(document.querySelectorAll("details.fold"));
  function reach(link) {
    var target = link.length > 1 && document.getElementById(decodeURIComponent(link.slice(1)));
    folds.forEach(function (fold) {
      if (target && fold.contains(target) && !fold.open) { fold.open = true; target.scrollIntoView(); }
    });
  }
  reach(window.location.hash);
  window.addEventListener("hashchange", function () { reach(window.location.hash); });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href^='#']");
    if (link) reach(link.hash);
  });
  Array.prototype.forEach.call(document.querySelectorAll("figure.picture"), function (figure) {
    var caption = figure.querySelector("figcaption");
    var larger = document.createElement("button");
    larger.type = "button";
    larger.className = "enlarge";
    larger.textContent = "Enlarge figure";
    larger.addEventListener("click", function () {
      larger.textContent = figure.classList.toggle("large") ? "Fit figure to screen" : "Enlarge figure";
    });
    figure.insertBefore(larger, caption);
  });
  Array.prototype.forEach.call(document.querySelectorAll("[data-explorer]"), function (box) {
    var told = JSON.parse(box.getAttribute("data-explorer"));
    var dials = Array.prototype.slice.call(box.querySelectorAll("input"));
    var words = box.querySelectorAll("output"), answers = box.querySelectorAll("dd"), start = dials.map(function (dial) { return dial.value; });
    function tell() {
      var cell = 0;
      dials.forEach(function (dial, i) {
        cell = cell * told.dials[i].length + Number(dial.value);
        words[i].textContent = told.dials[i][dial.value];
        dial.setAttribute("aria-valuetext", told.dials[i][dial.value]);
      });
      told.cells[cell].forEach(function (text, i) { answers[i].textContent = text; });
    }
    dials.forEach(function (dial) { dial.addEventListener("input", tell); });
    box.querySelector("[data-back]").addEventListener("click", function () {
      dials.forEach(function (dial, i) { dial.value = start[i]; });
      tell();
    });
    box.hidden = false;
  });
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = folds.filter(function (fold) { return !fold.open; });
    closed.forEach(function (fold) { fold.open = true; });
  });
  window.addEventListener("afterprint", function () { closed.forEach(function (fold) { fold.open = false; }); });
})();
