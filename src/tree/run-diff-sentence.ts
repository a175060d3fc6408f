/**
 * What differs between two runs, in one sentence: `GET /api/cart 12.0 -> 40.1 ms; 3 new kinds of messages, 1 gone; new: TypeError`.
 */
import type { RunDiff } from '../model/api.ts'

/** Of each kind; the rest is a number. */
const MAX_NAMED = 3

export function runDiffSentence({ patterns, routes, errors }: Omit<RunDiff, 'sentence'>): string {
  const added = patterns.filter(({ change }) => change === 'added').length
  const gone = patterns.length - added
  const kinds = [
    ...(added > 0 ? [`${added} new ${added === 1 ? 'kind' : 'kinds'} of messages`] : []),
    ...(gone > 0 ? [`${gone} ${added > 0 ? '' : `${gone === 1 ? 'kind' : 'kinds'} of messages `}gone`] : []),
  ]
  const times = (wanted: 'slower' | 'faster'): string =>
    named(
      routes
        .filter(({ change }) => change === wanted)
        .map(
          ({ route, before_ms: before, after_ms: after }) => `${route} ${before.toFixed(1)} -> ${after.toFixed(1)} ms`,
        ),
    )
  const parts = [
    prefixed('slower: ', times('slower')),
    prefixed('faster: ', times('faster')),
    kinds.join(', '),
    prefixed('new errors: ', named([...new Set(errors.map(({ type }) => type))])),
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'no difference' : parts.join('; ')
}

function named(words: readonly string[]): string {
  const more = words.length > MAX_NAMED ? ` and ${words.length - MAX_NAMED} more` : ''
  return words.length === 0 ? '' : `${words.slice(0, MAX_NAMED).join(', ')}${more}`
}

function prefixed(prefix: string, words: string): string {
  return words === '' ? '' : prefix + words
}
