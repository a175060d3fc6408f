/**
 * Dark or light: what the address says, else what the reader chose here before, else what the system asks for.
 */
import { effect } from '@preact/signals'

import { change, param } from './state.ts'

const KEY = 'tracelog.theme'

/** Keeps the document's theme in step with the address. */
export function followTheme(): void {
  effect(() => {
    const theme = param('theme') || localStorage.getItem(KEY) || ''
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset['theme'] = theme
    else delete document.documentElement.dataset['theme']
  })
}

/** The other one, from now on. */
export function switchTheme(): void {
  const shown = getComputedStyle(document.documentElement).colorScheme
  const isDark = shown === 'dark' || (shown !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  const next = isDark ? 'light' : 'dark'
  localStorage.setItem(KEY, next)
  change({ theme: next }, { replaces: true })
}
