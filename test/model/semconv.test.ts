import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import * as semconv from '../../src/model/semconv.ts'

const SRC = join(import.meta.dirname, '../../src')

/** The vocabulary itself, and the table that takes all of it whatever its names are: neither is a use. */
const NO_USE = ['model/semconv.ts', 'sources/loki/known-names.ts']

test('every name of the vocabulary is used by code', () => {
  const used = new Set(
    globSync('**/*.{ts,cts}', { cwd: SRC, exclude: NO_USE })
      .map((file) => readFileSync(join(SRC, file), 'utf8'))
      .flatMap((text) => text.match(/\b[A-Z][A-Z_]+\b/g) ?? []),
  )
  expect(Object.keys(semconv).filter((name) => !used.has(name))).toEqual([])
})
