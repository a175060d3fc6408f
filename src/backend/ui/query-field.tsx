/**
 * The query: an input over its coloured copy, the place of a mistake underlined, and what was asked before.
 */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import type { Completion, Unfinished } from './complete.ts'
import { type Suggested, useCompletion } from './completion.ts'
import { addKeys } from './keys.ts'
import { askedBefore, rememberAsked } from './query-history.ts'
import { tokensOf } from './query-tokens.ts'
import { change, query } from './state.ts'
import { counted, problem } from './view.ts'

const HINT = 'service:api level>=warn status>=500 "upstream timeout"'

export function QueryField(): JSX.Element {
  const text = useSignal(query.peek())
  const input = useRef<HTMLInputElement>(null)
  const copy = useRef<HTMLDivElement>(null)
  const take = (of: Unfinished, completion: Completion) => {
    text.value = text.value.slice(0, of.from) + completion.text + text.value.slice(of.to)
    input.current?.focus()
  }
  const completion = useCompletion(take)
  const onQueryKey = useQueryKeys(text, input)
  const open = completion.suggested.value
  useSignalEffect(() => {
    text.value = query.value
  })
  const follow = () => {
    if (copy.current !== null && input.current !== null) copy.current.scrollLeft = input.current.scrollLeft
  }
  const isWrong = problem.value !== undefined
  return (
    <div class="query" role="search">
      <div class="query-text">
        <Coloured text={text.value} copy={copy} />
        <input
          ref={input}
          type="text"
          value={text.value}
          placeholder={HINT}
          aria-label="Query"
          aria-invalid={isWrong}
          aria-describedby={isWrong ? 'problem' : undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          role="combobox"
          aria-expanded={open !== undefined}
          aria-controls="completions"
          aria-autocomplete="list"
          aria-activedescendant={open !== undefined && open.chosen >= 0 ? `completion-${open.chosen}` : undefined}
          onInput={(event) => {
            text.value = event.currentTarget.value
            follow()
            completion.typed(event.currentTarget, (event as unknown as InputEvent).inputType === 'insertFromPaste')
          }}
          onBlur={completion.close}
          onScroll={follow}
          onKeyDown={(event) => {
            if (completion.onKey(event)) event.preventDefault()
            else onQueryKey(event, completion.close)
          }}
        />
        <Completions open={open} onTake={take} onClose={completion.close} />
      </div>
      <span class="count">{counted.value}</span>
      <kbd aria-hidden="true">/</kbd>
    </div>
  )
}

/** What fits where the caret is; the list is there when it is closed too, empty. */
function Completions({
  open,
  onTake,
  onClose,
}: {
  readonly open: Suggested | undefined
  readonly onTake: (of: Unfinished, completion: Completion) => void
  readonly onClose: () => void
}): JSX.Element {
  return (
    <ul id="completions" class="completions" role="listbox" aria-label="Completions" hidden={open === undefined}>
      {open?.completions.map((completion, index) => (
        <li
          key={completion.label}
          id={`completion-${index}`}
          role="option"
          aria-selected={index === open.chosen}
          onMouseDown={(event) => {
            event.preventDefault()
            onClose()
            onTake(open.of, completion)
          }}
        >
          {completion.label}
        </li>
      ))}
    </ul>
  )
}

/** Enter asks, Alt+Enter asks for it as well, up and down bring back what was asked. */
function useQueryKeys(
  text: Signal<string>,
  input: RefObject<HTMLInputElement | null>,
): (event: KeyboardEvent, onApply: () => void) => void {
  const back = useRef(-1)
  useEffect(() => addKeys([{ keys: ['/'], says: 'query', run: () => input.current?.select() }], true), [])
  const apply = (isAlternative: boolean) => {
    const asked = text.value.trim()
    rememberAsked(asked)
    back.current = -1
    change({ q: isAlternative && query.peek() !== '' ? `${query.peek()} OR ${asked}` : asked })
  }
  const recall = (by: number) => {
    const asked = askedBefore()
    back.current = Math.max(-1, Math.min(asked.length - 1, back.current + by))
    text.value = back.current < 0 ? query.peek() : (asked[back.current] ?? '')
  }
  return (event, onApply) => {
    if (event.key === 'Enter') {
      onApply()
      apply(event.altKey)
    } else if (event.key === 'ArrowUp') recall(1)
    else if (event.key === 'ArrowDown') recall(-1)
    else if (event.key === 'Escape') input.current?.blur()
    else return
    event.preventDefault()
  }
}

/** What the input shows nothing of: its text is transparent. */
function Coloured({
  text,
  copy,
}: {
  readonly text: string
  readonly copy: RefObject<HTMLDivElement | null>
}): JSX.Element {
  // Of the query that was asked; what is being typed is not judged.
  const wrongAt = text === query.value ? problem.value?.at : undefined
  return (
    <div class="query-paint" aria-hidden="true" ref={copy}>
      {tokensOf(text).map(({ kind, text: piece, at }) => (
        <span key={at} class={`t-${kind}${isWithin(wrongAt, at, piece) ? ' wrong' : ''}`}>
          {piece}
        </span>
      ))}
      {wrongAt !== undefined && wrongAt >= text.length && <span class="wrong"> </span>}
    </div>
  )
}

function isWithin(place: number | undefined, at: number, piece: string): boolean {
  return place !== undefined && place >= at && place < at + piece.length
}
