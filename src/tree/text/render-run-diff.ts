/**
 * Two runs side by side -> lines of text: the sentence, which two they are, routes that moved, errors that are new, kinds of messages
 * that are new or gone. The one plain text of it: for the terminal, agents and `GET diff?format=text`.
 */
import type { RunDiff, RunRow } from '../../model/api.ts'
import { fit } from '../../model/text-width.ts'
import { visibleLine } from '../../model/visible-text.ts'
import { clockTimeOfDay } from './clock-time.ts'
import { levelLetter } from './fields-text.ts'
import { PLAIN_PAINT, type Paint, toneOfLevel } from './paint.ts'

export interface RunDiffOptions {
  readonly paint: Paint
  /** Cells in a row; `undefined`: piped. */
  readonly columns: number | undefined
  readonly now?: Date
}

/** In parts, for who cannot show all of it: the rows carry how much each says. */
export interface RunDiffText {
  readonly head: readonly string[]
  readonly rows: readonly { readonly rank: number; readonly noun: string; readonly text: string }[]
}

export function textOfRunDiff(diff: RunDiff): string {
  return `${renderRunDiff(diff, { paint: PLAIN_PAINT, columns: undefined }).join('\n')}\n`
}

/** @returns the lines, without line ends */
export function renderRunDiff(diff: RunDiff, options: RunDiffOptions): string[] {
  const { head, rows } = runDiffText(diff, options)
  return [...head, ...rows.map(({ text }) => text)]
}

export function runDiffText(diff: RunDiff, { paint, columns, now }: RunDiffOptions): RunDiffText {
  const line = (text: string): string => (columns === undefined ? visibleLine(text) : fit(visibleLine(text), columns))
  const routes = diff.routes.map(({ change, service, route, before_ms: before, after_ms: after, ...counts }) => ({
    rank: 1,
    noun: `${change} route`,
    text: paint.tone(
      change === 'slower' ? 'amber' : 'green',
      line(
        `${change}  ${service} ${route}  ${before.toFixed(1)} -> ${after.toFixed(1)} ms  (${counts.before} and ${counts.after} requests)`,
      ),
    ),
  }))
  const errors = diff.errors.map(({ key, type, message, frame = '(no stack)', count }) => ({
    rank: 0,
    noun: 'new error',
    text: paint.tone('red', line(`new error  ${key}  ${type}: ${message}  ${frame}  ${count} x`)),
  }))
  const patterns = diff.patterns.map(({ change, pattern, example, level, service, count }) => {
    const tone = toneOfLevel(level)
    const text = line(
      `${change === 'added' ? '+' : '-'} ${pattern}  ${service} ${levelLetter(level)} ${example}  ${count} x`,
    )
    return {
      rank: change === 'added' ? (tone === 'red' || tone === 'amber' ? 0 : 2) : 3,
      noun: change === 'added' ? 'new kind of message' : 'gone kind of message',
      text: tone === undefined ? text : paint.tone(tone, text),
    }
  })
  return {
    head: [
      paint.tone('bold', line(diff.sentence)),
      line(runLine('before', diff.a, now)),
      line(runLine('after ', diff.b, now)),
    ],
    rows: [...errors, ...routes, ...patterns],
  }
}

function runLine(side: string, run: RunRow, now: Date | undefined): string {
  return `${side}  ${runWords(run, now)}`
}

/** `4f2a91c0 · 14:02:06.981  npm start  main@4be1f0+  1,204 requests, 21 errors`. */
export function runWords(run: RunRow, now?: Date): string {
  const { id, name, revision, dirty, started_at: at, requests, errors } = run
  const code = revision === undefined ? '' : `  ${revision.slice(0, 7)}${dirty === true ? '+' : ''}`
  const counts = `${requests.toLocaleString('en')} requests, ${errors.toLocaleString('en')} errors`
  return `${id.slice(0, 8)} · ${clockTimeOfDay(at, now)}  ${name}${code}  ${counts}`
}
