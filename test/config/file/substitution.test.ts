import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'

import { readYaml } from '../../../src/config/file/yaml-reader.ts'

const ENV = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  MAP_VALUE: 'value\nkey:value',
  MORE: '${STRING_VALUE}',
  ESCAPED: 'value$$',
  EMPTY: '',
}

function valueOf(yaml: string): unknown {
  const read = readYaml(`key: ${yaml}`, ENV)
  if ('wrong' in read) return read.wrong
  return (read.node.value as ReadonlyMap<string, { value: unknown }>).get('key')?.value
}

// Source: OpenTelemetry specification, "Configuration Data Model", the table of environment variable substitution.
test.each([
  ['${STRING_VALUE}', 'value'],
  ['${BOOL_VALUE}', true],
  ['${INT_VALUE}', 1],
  ['${FLOAT_VALUE}', 1.1],
  ['${HEX_VALUE}', 3735928559],
  ['"${STRING_VALUE}"', 'value'],
  ['"${BOOL_VALUE}"', 'true'],
  ['"${INT_VALUE}"', '1'],
  ["'${FLOAT_VALUE}'", '1.1'],
  ['${env:STRING_VALUE}', 'value'],
  ['${MAP_VALUE}', 'value\nkey:value'],
  ['foo ${STRING_VALUE} ${FLOAT_VALUE}', 'foo value 1.1'],
  ['${UNDEFINED}', null],
  ['${EMPTY:-fallback}', 'fallback'],
  ['${UNDEFINED:-fallback}', 'fallback'],
  ['${UNDEFINED:-}', null],
  ['${UNDEFINED:-1}', 1],
  ['${${STRING_VALUE}}', '${value}'],
  ['${MORE}', '${STRING_VALUE}'],
  ['${UNDEFINED:-${STRING_VALUE}}', '${STRING_VALUE}'],
  ['${ESCAPED}', 'value$$'],
  ['$${STRING_VALUE}', '${STRING_VALUE}'],
  ['$$${STRING_VALUE}', '$value'],
  ['$$$${STRING_VALUE}', '$${STRING_VALUE}'],
  ['a $$ b', 'a $ b'],
  ['a $ b', 'a $ b'],
])('%s is %j', (yaml, expected) => {
  expect(valueOf(yaml)).toEqual(expected)
})

test.each(['${1VALUE}', '${STRING_VALUE:?error}', '${A B}', '${}', '${env:}'])(
  '%s is no reference, and is told',
  (yaml) => {
    expect(valueOf(yaml)).toEqual({
      line: 1,
      column: 6,
      message: `${yaml} is no reference, but must be as \${NAME} or \${NAME:-default}`,
    })
  },
)

test('keys are as they stand there', () => {
  const read = readYaml('${STRING_VALUE}: a', ENV)
  expect('node' in read && [...(read.node.value as ReadonlyMap<string, unknown>).keys()]).toEqual(['${STRING_VALUE}'])
})

test('any text with references is read as the reader of the SDK does', () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/sdk-node'))
  const { parseConfigFile } = require('@opentelemetry/configuration') as {
    parseConfigFile: (path: string) => { resource: { attributes: { value: unknown }[] } }
  }
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-substitution-'))
  const path = join(folder, 'otel.yaml')
  let compared = 0
  const part = fc.oneof(
    fc.constantFrom(
      '${OURS}',
      '${env:OURS}',
      '${NOT_SET}',
      '${NOT_SET:-other}',
      '$',
      '$$',
      'a',
      ' ',
      '1',
      '{',
      '}',
      '#',
    ),
    fc.stringMatching(/^[a-z0-9 .:]{0,5}$/),
  )
  try {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.constantFrom('text', '1', 'true', '$$', '1e3'),
        (parts, ours) => {
          const quoted = JSON.stringify(parts.join(''))
          writeFileSync(path, `file_format: "1.0"\nresource:\n  attributes:\n    - {name: a, value: ${quoted}}`)
          vi.stubEnv('OURS', ours)
          const expected = attempt(() => parseConfigFile(path).resource.attributes[0]?.value)
          // Of wrong references the two may differ in what they call wrong.
          if (expected === undefined) return
          compared += 1
          const read = readYaml(`key: ${quoted}`, { OURS: ours })
          const value =
            'wrong' in read
              ? read.wrong
              : (read.node.value as ReadonlyMap<string, { value: unknown }>).get('key')?.value
          expect(value).toEqual(expected)
        },
      ),
    )
  } finally {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  }
  expect(compared).toBeGreaterThan(30)
})

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
