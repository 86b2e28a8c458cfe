// Asks for the page again and again and puts in what has changed, part by part, so that the reader's
// place, opened details and scrolled tables stay.
(function () {
  var main = document.querySelector('main');
  var shown = {};
  Array.from(main.children).forEach(function (part) { shown[part.id] = part.outerHTML; });

  function replace(old, part) {
    var details = old.querySelectorAll('details');
    part.querySelectorAll('details').forEach(function (d, i) {
      if (details[i]) { d.open = details[i].open; }
    });
    var boxes = Array.from(old.querySelectorAll('.scroll')).map(function (b) { return b.scrollLeft; });
    old.replaceWith(part);
    part.querySelectorAll('.scroll').forEach(function (b, i) { b.scrollLeft = boxes[i] || 0; });
  }

  function show(text) {
    var page = new DOMParser().parseFromString(text, 'text/html');
    document.title = page.title;
    var parts = Array.from(page.querySelector('main').children);
    var ids = parts.map(function (part) { return part.id; });
    Array.from(main.children).forEach(function (part) {
      if (ids.indexOf(part.id) === -1) { part.remove(); delete shown[part.id]; }
    });
    parts.forEach(function (part, i) {
      var html = part.outerHTML;
      if (shown[part.id] === html) { return; }
      var old = document.getElementById(part.id);
      if (old) { replace(old, part); } else { main.insertBefore(part, main.children[i] || null); }
      shown[part.id] = html;
    });
  }

  function lost(is) {
    var box = document.getElementById('lost');
    if (box) { box.hidden = !is; return; }
    if (!is) { return; }
    box = document.createElement('div');
    box.id = 'lost';
    box.textContent = 'The training has ended or cannot be reached; this is what it showed last.'
      + ' The page that stays is report.html in the folder of the run.';
    document.body.appendChild(box);
  }

  function ask() {
    fetch(location.pathname, { cache: 'no-store' })
      .then(function (answer) {
        if (!answer.ok) { throw new Error(answer.status); }
        seconds = Number(answer.headers.get('Refresh-After')) || seconds;
        return answer.text();
      })
      .then(function (text) { show(text); lost(false); })
      .catch(function () { lost(true); })
      .then(function () { setTimeout(ask, 1000 * seconds); });
  }
  setTimeout(ask, 1000 * seconds);
})();
