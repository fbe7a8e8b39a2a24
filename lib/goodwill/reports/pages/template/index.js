(function () {
  // A report that asks for its neighbour is led on to it, unless there is none.
  var asked = /^#(before|after)-(.+)$/.exec(decodeURIComponent(location.hash));
  var mark = asked && document.getElementById(asked[0].slice(1));
  var led = mark && mark.closest(".entry");
  var onward = led && led.id !== "report-" + asked[2] && led.querySelector("h2 a");
  if (onward) location.replace(onward.href);
  var bar = document.querySelector(".filter");
  var entries = Array.prototype.slice.call(document.querySelectorAll(".entry"));
  var texts = entries.map(function (entry) { return entry.textContent.toLowerCase(); });
  var words = document.getElementById("words"), found = bar.querySelector(".found");
  var choices = Array.prototype.slice.call(bar.querySelectorAll("select"));
  function filter() {
    var wanted = words.value.toLowerCase().split(/\s+/), count = 0;
    entries.forEach(function (entry, i) {
      var fits = wanted.every(function (word) { return texts[i].indexOf(word) >= 0; }) &&
        choices.every(function (choice) { return !choice.value || entry.getAttribute("data-" + choice.id) === choice.value; });
      entry.hidden = !fits;
      if (fits) count += 1;
    });
    found.textContent = count === entries.length ? "" : count + " of " + entries.length + " shown";
  }
  words.addEventListener("input", filter);
  choices.forEach(function (choice) { choice.addEventListener("change", filter); });
  window.addEventListener("hashchange", function () {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.hidden) return;
    words.value = "";
    choices.forEach(function (choice) { choice.value = ""; });
    filter();
    target.scrollIntoView();
  });
  filter();
})();
