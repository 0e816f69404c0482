// "Is it just me?": on a click, and not before, the visitor's own browser asks the site for its
// page. The answer is opaque: all that can be told is whether there was one, and how long it took.
(() => {
  'use strict';
  const LIMIT = 10000, SLOW = 3000;
  const box = document.querySelector('.justme');
  if (!box || !window.fetch || !window.AbortController) return;
  const button = box.querySelector('button');
  const verdict = () => document.querySelector('[data-status]')?.dataset.status ?? '';
  // What is shown, and the verdict that it was compared with.
  let shown = null;
  let busy = false;

  // Changes only what is not so yet: it is called for every change.
  const dress = () => {
    const { name, seconds, own, compared } = shown ?? {};
    const set = (node, key, value) => { if (node[key] !== value) node[key] = value; };
    set(box, 'hidden', false);
    set(button, 'disabled', busy);
    // What was compared with another verdict says nothing about this one.
    const holds = busy || compared === verdict();
    for (const line of box.querySelectorAll('[data-case]')) {
      set(line, 'hidden', !holds || line.dataset.case !== name);
    }
    for (const place of box.querySelectorAll('[data-seconds]')) set(place, 'textContent', seconds ?? '');
    for (const place of box.querySelectorAll('[data-own]')) set(place, 'textContent', own ?? '');
  };
  const show = (name, seconds, own) => {
    shown = { name, seconds, own, compared: verdict() };
    dress();
  };
  dress();
  // A page that follows what changes takes the state of a page without scripts.
  new MutationObserver(dress).observe(box, {
    attributes: true, attributeFilter: ['hidden', 'disabled'], childList: true, subtree: true,
  });

  // A redirect to another address is kept from us by this page's policy; that it came is an answer.
  const ask = async (url) => {
    const stop = new AbortController();
    let redirected = false;
    const policy = () => { redirected = true; };
    document.addEventListener('securitypolicyviolation', policy);
    const timer = setTimeout(() => stop.abort(), LIMIT);
    const start = performance.now();
    let answered = true;
    try {
      await fetch(url, {
        mode: 'no-cors', cache: 'no-store', credentials: 'omit',
        referrerPolicy: 'no-referrer', signal: stop.signal,
      });
    } catch {
      // The event comes as a task of its own, after the failure.
      await new Promise((done) => setTimeout(done, 50));
      answered = redirected;
    }
    clearTimeout(timer);
    document.removeEventListener('securitypolicyviolation', policy);
    return { answered, took: performance.now() - start };
  };

  const tell = (status, { answered, took }) => {
    const seconds = (took / 1000).toFixed(1);
    const known = { up: 'up', slow: 'slow', partial: 'up', down: 'down' }[status];
    if (!known) return show('unknown', seconds, answered ? '✓ ' + seconds + ' s' : '✗');
    if (!answered) return show(known === 'down' ? 'everybody' : 'you', seconds);
    if (known === 'down') return show('here', seconds);
    if (took > SLOW) return show(known === 'slow' ? 'slowall' : 'slow', seconds);
    show('fine', seconds);
  };

  button.addEventListener('click', async () => {
    if (busy) return;
    const { url } = box.dataset;
    if (location.protocol === 'https:' && url.startsWith('http:')) return show('mixed');
    busy = true;
    show('trying');
    const own = await ask(url);
    busy = false;
    tell(verdict(), own);
  });
})();
