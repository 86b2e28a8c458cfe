// Makes and updates elements. Data reaches the page as text nodes and properties only, never as
// HTML: a class named "<img onerror=...>" is a name like any other.

/** The element of an id, which index.html has. */
export const byId = (id) => document.getElementById(id);

/**
 * Makes an element.
 * @param tag its name
 * @param props attributes; `on` maps events to listeners, `text` is its text
 * @param children nodes or texts
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === 'text') {
      node.textContent = value;
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Sets a text only if it differs, so that live regions do not say it again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes a parent's children those of a list. The node of a key stays the same node, so that a
 * refresh takes the focus from nobody.
 * @param keyOf gives the key of an item
 * @param make makes the node of an item
 * @param update brings a node up to date
 */
export function keyed(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, i) => {
    const key = String(keyOf(item, i));
    let node = old.get(key);
    if (node) {
      old.delete(key);
    } else {
      node = make(item, i);
      node.dataset.key = key;
    }
    update(node, item, i);
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
  });
  for (const node of old.values()) node.remove();
}

/** "1 slice", "3 slices". */
export const count = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`;

/** A part of one as "83%"; "–" if there is none. */
export const percent = (part) => (Number.isFinite(part) ? `${Math.round(100 * part)}%` : '–');
