/** What every application loads, and what only those do that ask for it. */
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

const bundle = (name: string) => readFileSync(new URL(`../../dist/${name}.cjs`, import.meta.url), 'utf8')

test('the parser of YAML stands in a bundle of its own', () => {
  expect(bundle('yaml')).toContain('Map keys must be unique')
  expect(bundle('engine')).not.toContain('Map keys must be unique')
})

test('the reference instrumentation of HTTP stands in a bundle of its own', () => {
  expect(bundle('http-reference')).toContain('HttpInstrumentation')
  expect(bundle('engine')).not.toContain('instrumentation-http')
})
