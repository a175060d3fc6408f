/** Whatever stands in a configuration file, reading it ends, throws nothing, and says of each problem where it is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { readAppConfig } from '../../../src/config/app-config.ts'
import { readFiles } from '../../../src/config/file/read-config-files.ts'

const SIDECAR = readFileSync(new URL('../../fixtures/config/sidecar.yaml', import.meta.url), 'utf8').split('\n')
const folder = mkdtempSync(join(tmpdir(), 'tracelog-any-text-'))
const path = join(folder, 'otel.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

function expectTold(text: string): void {
  writeFileSync(path, text)
  const files = readFiles([{ shown: 'otel.yaml', path, variable: 'OTEL_CONFIG_FILE', hasOtelSections: true }], {})
  const { problems, leftOut, config } = readAppConfig({}, { files })
  for (const { message } of problems) expect(message).toMatch(/otel\.yaml:\d+/)
  for (const { file, line } of leftOut)
    expect([file, line > 0 && line <= text.split('\n').length]).toEqual(['otel.yaml', true])
  // A signal goes somewhere unless the file says that it does not.
  const { logs } = config.destinations
  expect(logs.otlp || text.includes('processors')).toBe(true)
}

test('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expectTold(`file_format: "1.0"\n${text}`)))
})

test('any value in any place', () => {
  const keys = ['disabled', 'resource', 'attributes', 'propagator', 'composite', 'tracer_provider', 'logger_provider']
  const more = [
    'processors',
    'batch',
    'exporter',
    'otlp_http',
    'headers',
    'sampler',
    'parent_based',
    'limits',
    'tracelog',
    'level',
  ]
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: 'large' },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys, ...more), tie('value'), { maxKeys: 4 }),
    ),
  }))
  const root = fc.dictionary(fc.constantFrom(...keys, ...more), value, { maxKeys: 6 })
  // JSON is YAML.
  fc.assert(fc.property(root, (entries) => expectTold(JSON.stringify({ file_format: '1.0', ...entries }))))
})

test('a good file with lines missing, doubled, moved to the side or cut', () => {
  const change = fc.record({
    at: fc.nat({ max: SIDECAR.length - 1 }),
    how: fc.constantFrom('drop', 'double', 'indent', 'outdent', 'cut'),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const lines = [...SIDECAR]
      for (const { at, how } of changes) {
        const line = lines[at] ?? ''
        const changed = {
          drop: [],
          double: [line, line],
          indent: [`  ${line}`],
          outdent: [line.replace(/^ {2}/, '')],
          cut: [line.slice(0, Math.ceil(line.length / 2))],
        }
        lines.splice(at, 1, ...changed[how])
      }
      expectTold(lines.join('\n'))
    }),
  )
})
