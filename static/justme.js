// "Is it just me?": on a click, and not before, the visitor's own browser asks the site for its
// page. The answer is opaque: all that can be told is whether there was one, and how long it took.
// The button beside it reports a problem, and says in place that it was counted.
(() => {
  'use strict';
  const LIMIT = 10000, SLOW = 3000;
  // Kinds of failure in which nobody gets an answer; in all others a browser gets one too.
  const SILENT = ['dns', 'connect', 'tls', 'timeout', 'reset'];
  const box = document.querySelector('.justme');
  if (!box || !window.fetch || !window.AbortController) return;
  const verdict = () => {
    const { status = '', failure = '' } = document.querySelector('[data-status]')?.dataset ?? {};
    return { status, failure };
  };
  // What is shown, and the verdict that it was compared with.
  let shown = null;
  let busy = false;
  let counted = Boolean(box.querySelector('.thanks'));
  let thanked = false;

  // Changes only what is not so yet: it is called for every change.
  const dress = () => {
    const { name, seconds, own, compared } = shown ?? {};
    const set = (node, key, value) => { if (node && node[key] !== value) node[key] = value; };
    set(box.querySelector('.try'), 'hidden', false);
    set(box.querySelector('.about-try'), 'hidden', false);
    set(box.querySelector('.try'), 'disabled', busy);
    // What was compared with another verdict says nothing about this one.
    const holds = busy || compared === verdict().status;
    for (const line of box.querySelectorAll('[data-case]')) {
      set(line, 'hidden', !holds || line.dataset.case !== name);
    }
    for (const place of box.querySelectorAll('[data-seconds]')) set(place, 'textContent', seconds ?? '');
    for (const place of box.querySelectorAll('[data-own]')) set(place, 'textContent', own ?? '');
    set(box.querySelector('.counted'), 'hidden', !thanked);
    const report = box.querySelector('form button');
    if (!counted || !report) return;
    set(report, 'textContent', report.dataset.done);
    set(report, 'disabled', true);
  };
  const show = (name, seconds, own) => {
    shown = { name, seconds, own, compared: verdict().status };
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

  const tell = ({ status, failure }, { answered, took }) => {
    // Such an answer looks like none: it is the site that keeps it from pages of others.
    if (!answered && 'kept' in box.dataset) return show('kept');
    const seconds = (took / 1000).toLocaleString(document.documentElement.lang, {
      minimumFractionDigits: 1, maximumFractionDigits: 1,
    });
    if (!['up', 'slow', 'partial', 'down'].includes(status)) {
      return show('unknown', seconds, answered ? '✓ ' + seconds + ' s' : '✗');
    }
    if (status === 'down') {
      const silent = SILENT.includes(failure);
      if (!answered) return show(silent ? 'everybody' : 'neither', seconds);
      return show(silent ? 'here' : 'also', seconds);
    }
    if (status === 'partial') return show(answered ? 'partly' : 'partlyyou', seconds);
    if (!answered) return show('you', seconds);
    if (took > SLOW) return show(status === 'slow' ? 'slowall' : 'slow', seconds);
    if (status === 'slow') return show('slowhere', seconds);
    if ('restricted' in box.dataset) return show('turned');
    show('fine', seconds);
  };

  box.addEventListener('click', async (event) => {
    if (busy || !event.target.closest('.try')) return;
    const { url } = box.dataset;
    if (location.protocol === 'https:' && url.startsWith('http:')) return show('mixed');
    busy = true;
    show('trying');
    const own = await ask(url);
    busy = false;
    tell(verdict(), own);
  });

  box.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      const answer = await fetch(form.action, { method: 'POST' });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const crowd = page.querySelector('.justme .crowd');
      const [before, chart] = [box, page].map((from) => from.querySelector('.reports-of'));
      if (crowd) box.querySelector('.crowd').textContent = crowd.textContent;
      if (chart && before) before.replaceWith(chart);
      else if (chart) box.querySelector('.crowd').after(chart);
      counted = thanked = true;
      dress();
    } catch {
      form.submit();
    }
  });
})();
