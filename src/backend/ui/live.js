/**
 * What the page does beyond links: keys, and new rows as they come.
 *
 * Plain JavaScript, served as it is. Rows are rendered by the server; this only fetches the list again when the tail says
 * that something happened, and never while the reader is inside it.
 */

/** Between two fetches of the list. Milliseconds. */
const REFRESH_MILLIS = 1000
/** Before the tail is asked again. Milliseconds. */
const RECONNECT_MILLIS = 2000

const view = document.body.dataset.view
const list = () => document.getElementById('list')
const rows = () => [...document.querySelectorAll('[data-row]')]

/** Moves the focus by so many rows; from nowhere, to the first. */
function step(by) {
  const all = rows()
  const at = all.indexOf(document.activeElement)
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus()
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  '/': () => document.getElementById('query')?.focus(),
  Escape: () => (view === 'request' ? document.querySelector('[data-back]')?.click() : document.activeElement?.blur()),
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const isTyping = event.target instanceof HTMLInputElement
  const action = isTyping && event.key !== 'Escape' ? undefined : KEYS[event.key]
  if (action === undefined) return
  event.preventDefault()
  action()
})

/** True while a refresh would move something under the reader's eyes or hands. */
function isReading() {
  return window.scrollY > 8 || document.getSelection()?.isCollapsed === false || list()?.matches(':hover') === true
}

/** What the backend has rendered is markup that may be read as such: the page allows no other. */
const ownMarkup = () => globalThis.trustedTypes?.createPolicy('tracelog', { createHTML: (text) => text })
let policy

async function refresh() {
  const answer = await fetch(location.href)
  if (!answer.ok) return
  policy ??= ownMarkup()
  const text = await answer.text()
  const next = new DOMParser().parseFromString(policy?.createHTML(text) ?? text, 'text/html').getElementById('list')
  if (next === null || isReading()) return
  const focused = document.activeElement?.getAttribute('href')
  list()?.replaceWith(document.adoptNode(next))
  if (focused)
    rows()
      .find((row) => row.getAttribute('href') === focused)
      ?.focus()
}

/** Follows the tail: on the first page of a list, not on older ones. */
function follow() {
  const parameters = new URLSearchParams(location.search)
  if (view === 'request' || parameters.has('cursor')) return
  const badge = document.getElementById('live')
  const query = parameters.get('q')
  const address = '/api/v1/tail' + (query ? `?q=${encodeURIComponent(query)}` : '')
  let isDue = false
  let timer
  const due = () => {
    timer = undefined
    if (!isDue) return
    // What came while the reader was inside the list is shown when the next row comes.
    if (isReading() || document.hidden) {
      later()
      return
    }
    isDue = false
    refresh().catch(() => {})
  }
  const later = () => {
    isDue = true
    timer ??= setTimeout(due, REFRESH_MILLIS)
  }
  let source
  let isLost = false
  const listen = () => {
    source = new EventSource(address)
    source.addEventListener(view === 'logs' ? 'log' : 'request', later)
    source.addEventListener('gap', later)
    source.addEventListener('open', () => {
      badge.hidden = false
      badge.classList.remove('off')
      // What came while nobody answered.
      if (isLost) later()
      isLost = false
    })
    source.addEventListener('error', () => {
      isLost = true
      badge.classList.add('off')
      // The browser comes back by itself, but not after an answer that is no stream: a backend that is starting or full.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, RECONNECT_MILLIS)
    })
  }
  listen()
  window.addEventListener('pagehide', () => source.close())
}

follow()
