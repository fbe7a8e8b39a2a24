// A page that is opened from a file may start no worker, and the search of the site needs one: here it runs in a hidden frame.
(function () {
  if (window.location.protocol !== "file:") return;
  function FrameWorker(address) {
    var worker = this, target = new EventTarget(), frame = document.createElement("iframe");
    worker.onmessage = null;
    worker.addEventListener = target.addEventListener.bind(target);
    worker.removeEventListener = target.removeEventListener.bind(target);
    worker.dispatchEvent = target.dispatchEvent.bind(target);
    var waiting = [], ready = false;
    function tell(message) { frame.contentWindow.dispatchEvent(new MessageEvent("message", { data: message })); }
    worker.postMessage = function (message) { if (ready) tell(message); else waiting.push(message); };
    worker.terminate = function () { frame.remove(); };
    frame.hidden = true;
    document.body.appendChild(frame);
    var inside = frame.contentWindow;
    inside.document.open();
    inside.document.write("<!DOCTYPE html><html><body></body></html>");
    inside.document.close();
    inside.postMessage = function (message) {
      var event = new MessageEvent("message", { data: message });
      target.dispatchEvent(event);
      if (worker.onmessage) worker.onmessage(event);
    };
    function load(source) {
      return new Promise(function (done, failed) {
        var script = inside.document.createElement("script");
        script.src = source;
        script.onload = done;
        script.onerror = failed;
        inside.document.body.appendChild(script);
      });
    }
    inside.importScripts = function () {
      return Array.prototype.reduce.call(arguments, function (before, source) { return before.then(function () { return load(source); }); }, Promise.resolve());
    };
    load(String(address)).then(function () {
      ready = true;
      waiting.forEach(tell);
    });
  }
  window.Worker = FrameWorker;
})();
