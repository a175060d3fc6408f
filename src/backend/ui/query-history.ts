/**
 * The last queries of this browser, the newest first. Another tab may write too: it is read each time.
 */
const KEY = 'tracelog.queries'
const MOST = 50

export function askedBefore(): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : []
  } catch {
    return []
  }
}

export function rememberAsked(text: string): void {
  if (text === '') return
  const list = [text, ...askedBefore().filter((other) => other !== text)].slice(0, MOST)
  try {
    localStorage.setItem(KEY, JSON.stringify(list))
  } catch {
    // Full or forbidden: then nothing is remembered.
  }
}
