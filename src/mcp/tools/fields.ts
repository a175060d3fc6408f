/** The tool `fields`: which keys records have, with their values, so that nobody has to guess. */
import type { FieldRow } from '../../model/api.ts'
import { REDACTED } from '../../model/secrets/secret-values.ts'
import { isSecretKey, shortText } from '../foreign-rows.ts'
import type { Tool } from '../tool.ts'

/** Characters of one value: what tells it from the others. */
const MAX_VALUE = 40

export const fieldsTool: Tool = {
  name: 'fields',
  description:
    'Keys of the newest records, with type, how many have it, most frequent values. Ask before you guess a key or value.',
  arguments: { prefix: { type: 'string', help: 'of the key' }, q: { type: 'string', help: 'query' } },
  needs: ['fields'],
  async answer({ source, given }) {
    const q = given.text('q')
    const prefix = given.text('prefix')
    const { fields, hints = [] } = await source.fields({
      ...(q === undefined ? {} : { text: q }),
      ...(prefix === undefined ? {} : { prefix }),
    })
    const rows = fields.map(safeField)
    return {
      head: `${rows.length} keys of the newest records${prefix === undefined ? '' : ' with that prefix'}`,
      notes: hints,
      rows: rows.map((row, index) => ({ rank: index, text: fieldLine(row), noun: 'key' })),
      objects: rows,
      tail: ({ shown }) =>
        shown === rows.length ? `shown ${shown}` : `shown ${shown} of ${rows.length}; more with prefix or budget`,
    }
  },
}

function safeField(row: FieldRow): FieldRow {
  const values = isSecretKey(row.key) ? [REDACTED] : row.values.map(shortText)
  return { ...row, key: shortText(row.key), values }
}

function fieldLine({ key, type, records, values }: FieldRow): string {
  const shown = values.map((value) => (value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value))
  return `${key}  ${type}  ${records.toLocaleString('en')} records  ${shown.map((value) => JSON.stringify(value)).join(', ')}`.trim()
}
