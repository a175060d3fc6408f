/**
 * What the list shows as a file: flat lines, OTLP, a table.
 */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'

import type { LogRow } from '../../../model/api.ts'
import { ask } from '../api.ts'
import { Dialog } from '../dialog.tsx'
import { questionOf } from '../question.ts'
import { showRefusal } from '../view.ts'
import { csvText, flatText } from './export-lines.ts'

/** Records that one question answers at most. */
const MOST_OTLP = '1000'

/** @param rows  of the list, the newest first */
export function Export({ rows }: { readonly rows: () => readonly LogRow[] }): JSX.Element {
  const isOpen = useSignal(false)
  return (
    <>
      <button type="button" class="pill export" onClick={() => (isOpen.value = true)}>
        export
      </button>
      <Dialog isOpen={isOpen} label="Export" name="export-as">
        <p>
          <button type="button" class="pill" onClick={() => save('lines.ndjson', flatText(rows()), isOpen)}>
            flat lines
          </button>
          <button type="button" class="pill" onClick={() => save('lines.csv', csvText(rows()), isOpen)}>
            table (CSV)
          </button>
          <button type="button" class="pill" onClick={() => saveOtlp(isOpen)}>
            OTLP, 1,000 at most
          </button>
        </p>
        <p>What the list shows. Everything that is stored: tracelog export.</p>
      </Dialog>
    </>
  )
}

function saveOtlp(isOpen: Signal<boolean>): void {
  ask('logs', { ...questionOf(), limit: MOST_OTLP, format: 'otlp' }).then(
    (answer) => save('lines.otlp.json', JSON.stringify(answer), isOpen),
    showRefusal,
  )
}

function save(name: string, text: string, isOpen: Signal<boolean>): void {
  isOpen.value = false
  const address = URL.createObjectURL(new Blob([text]))
  const link = document.createElement('a')
  link.href = address
  link.download = `tracelog-${name}`
  link.click()
  URL.revokeObjectURL(address)
}
