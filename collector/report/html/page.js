'use strict';
// Search, sort and filter the table of images. All rows are read once and taken
// out of the document; those that are looked at are put back, some at a time.
(() => {
  const CHUNK = 50;
  const byId = (id) => document.getElementById(id);
  const table = document.querySelector('table');
  const body = byId('rows');
  const controls = byId('controls');
  const search = byId('search');
  const facets = { registry: byId('by-registry'), namespace: byId('by-namespace') };
  const flags = [...controls.querySelectorAll('[name=flag]')];
  const number = new Intl.NumberFormat('en');

  const count = (text) => Number(text.replaceAll(',', ''));
  const list = (text) => (text ? text.split('\n') : []);

  // An image: its row, and what the row is found and sorted by.
  const read = (row, order) => {
    const [, digest, pods, , platforms] = row.cells;
    const namespace = list(row.dataset.namespace);
    const flag = list(row.dataset.flag);
    return {
      row, order, namespace, flag,
      registry: [row.dataset.registry],
      text: [...row.querySelectorAll('.find')].map((part) => part.textContent).join(' ').toLowerCase(),
      keys: {
        image: order, digest: digest.textContent, pods: count(pods.textContent),
        namespaces: namespace.length, platforms: platforms.textContent, flags: flag.length,
      },
    };
  };
  const images = [...body.querySelectorAll('tr[data-registry]')].map(read);

  let sorted = images;
  let shown = images; // those that fit, in their order
  let drawn = 0; // how many of them are in the document
  const sorting = { key: 'image', down: false };

  const draw = (upTo) => {
    const end = Math.min(shown.length, upTo);
    const rows = document.createDocumentFragment();
    for (; drawn < end; drawn++) {
      shown[drawn].row.ariaRowIndex = drawn + 2; // the head is the first
      rows.append(shown[drawn].row);
    }
    body.append(rows);
  };

  // What is asked for.
  const wanted = () => ({
    words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    registry: facets.registry.value,
    namespace: facets.namespace.value,
    flags: flags.filter((box) => box.checked).map((box) => box.value),
  });
  const within = (values, choice) => choice === '' || values.includes(choice.slice(1));
  const fits = (want) => (image) =>
    within(image.registry, want.registry) &&
    within(image.namespace, want.namespace) &&
    (want.flags.length === 0 || want.flags.some((flag) => image.flag.includes(flag))) &&
    want.words.every((word) => image.text.includes(word));

  const describe = (want) => {
    const parts = [];
    if (want.words.length) parts.push(`“${want.words.join(' ')}”`);
    if (want.registry) parts.push(`registry ${want.registry.slice(1) || '(none)'}`);
    if (want.namespace) parts.push(`namespace ${want.namespace.slice(1)}`);
    if (want.flags.length) parts.push(want.flags.join(' or '));
    const all = number.format(images.length);
    return parts.length ? `${number.format(shown.length)} of ${all} images: ${parts.join(', ')}` : `${all} images`;
  };

  // The bars show how much of them is left.
  const bars = [...document.querySelectorAll('.bar')].map((button) => ({
    button,
    facet: button.closest('[data-facet]').dataset.facet,
    value: button.dataset.value,
    now: button.querySelector('.now'),
    count: button.querySelector('.count'),
    share: parseFloat(button.querySelector('.all').getAttribute('width')),
    all: count(button.querySelector('.count').textContent),
  }));
  const measure = (want) => {
    const counts = { registry: new Map(), namespace: new Map() };
    for (const image of shown) {
      for (const facet of ['registry', 'namespace']) {
        for (const value of image[facet]) counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
      }
    }
    for (const bar of bars) {
      const left = counts[bar.facet].get(bar.value) ?? 0;
      if (left !== bar.left) {
        bar.now.setAttribute('width', `${(bar.share * left) / bar.all}%`);
        bar.count.textContent = number.format(left);
        bar.left = left;
      }
      bar.button.ariaPressed = want[bar.facet] === `=${bar.value}`;
    }
  };

  const update = () => {
    const want = wanted();
    shown = sorted.filter(fits(want));
    body.replaceChildren();
    drawn = 0;
    draw(CHUNK);
    measure(want);
    table.ariaRowCount = shown.length + 1;
    byId('status').textContent = describe(want);
    byId('nothing').hidden = shown.length > 0 || images.length === 0;
    byId('undo').disabled = !(want.words.length || want.registry || want.namespace || want.flags.length);
  };

  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const sort = () => {
    const { key, down } = sorting;
    sorted = [...images].sort((a, b) => (down ? -1 : 1) * compare(a.keys[key], b.keys[key]) || a.order - b.order);
    for (const head of table.tHead.rows[0].cells) {
      if (head.className === key) head.ariaSort = down ? 'descending' : 'ascending';
      else head.removeAttribute('aria-sort');
    }
    update();
  };

  const reset = () => {
    controls.reset();
    update();
    search.focus();
  };

  // Filled in here, because without the script nothing could be chosen.
  for (const { facet, value, all } of bars) {
    facets[facet].append(new Option(`${value || '(none)'} (${number.format(all)})`, `=${value}`));
  }
  for (const { button, facet, value } of bars) {
    button.addEventListener('click', () => {
      const choice = `=${value}`;
      facets[facet].value = facets[facet].value === choice ? '' : choice;
      update();
    });
  }
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    button.addEventListener('click', () => {
      const key = head.className;
      const counted = typeof images[0]?.keys[key] === 'number' && key !== 'image'; // of numbers the largest come first
      sorting.down = sorting.key === key ? !sorting.down : counted;
      sorting.key = key;
      sort();
    });
    head.append(button);
  }
  controls.addEventListener('input', update);
  controls.addEventListener('submit', (event) => event.preventDefault());
  byId('undo').addEventListener('click', reset);
  byId('nothing').querySelector('button').addEventListener('click', reset);
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest('input, select, textarea')) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === 'Escape' && event.target === search && search.value) {
      event.preventDefault();
      search.value = '';
      update();
    }
  });
  const end = byId('end');
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting) || drawn === shown.length) return;
    draw(drawn + CHUNK);
    observer.unobserve(end); // it tells of changes: ask again, the screen may be tall
    observer.observe(end);
  }, { rootMargin: '1500px' });
  observer.observe(end);
  window.addEventListener('beforeprint', () => draw(shown.length)); // on paper nothing can be scrolled to

  update();
  body.classList.add('ready');
  controls.hidden = false;
})();
