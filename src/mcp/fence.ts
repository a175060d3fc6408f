/**
 * Foreign text -> text that an agent's reader takes for data: between marks, visible, without links.
 *
 * Records are written by whoever speaks to the application. They are shown between two marks, which nothing between them can
 * write; characters that hide or reorder text are shown as escapes; nothing becomes a link or an image of Markdown.
 */
import { visibleLine } from '../model/visible-text.ts'

export const OPEN_MARK = '<<<records'
export const CLOSE_MARK = 'records>>>'

/** Three of the brackets that look alike. */
const MARK_START = /[<＜﹤‹]{2}(?=[<＜﹤‹])/gu
const MARK_END = /[>＞﹥›]{2}(?=[>＞﹥›])/gu
/** `[text](url)`, `![alt]`, `[text][ref]`, `[ref]: url`. */
const LINK = /\](?=[([:])/g
const IMAGE = /!(?=\[)/g
/** `<https://…>`, `<img …>`: what renderers of Markdown make of HTML. A frame in `<anonymous>` stays. */
const TAG =
  /<(?=\/?(?:[a-z][a-z\d+.-]*:|(?:a|img|iframe|script|svg|object|embed|video|audio|link|style|form|meta)\b))/gi

/** One line or several, as they stand between the marks. */
export function fencedText(text: string): string {
  return text
    .split('\n')
    .map((line) => unmarked(visibleLine(line).replaceAll(JOINING, escaped)))
    .join('\n')
}

/** The same for text of ours that repeats what was asked: it stands outside of the marks. */
export function unmarked(text: string): string {
  return text
    .replace(MARK_START, (pair) => `${pair}\\`)
    .replace(MARK_END, (pair) => `${pair}\\`)
    .replace(LINK, ']\\')
    .replace(IMAGE, '!\\')
    .replace(TAG, '<\\')
}

/** A row as JSON: escapes of JSON instead, so that what stands between the marks can be parsed line by line. */
export function fencedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/[\u{7f}-\u{9f}]/gu, escaped)
    .replaceAll(HIDDEN, escaped)
    .replaceAll(JOINING, escaped)
    .replaceAll(/[<＜﹤‹>＞﹥›]/gu, escaped)
    .replaceAll(LINK, () => '\\u005d')
}

/** Without a picture of their own, and shown by visible-text.ts for words and emoji that need them: text can be hidden in them. */
const JOINING = /\u034f|\u200c|\u200d|\p{Variation_Selector}/gu
const HIDDEN = /(?![\u200c\u200d])[\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

function escaped(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
