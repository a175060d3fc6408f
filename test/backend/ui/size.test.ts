/**
 * What the page's script and style weigh on the wire: a budget, not a measurement.
 */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

test.each([
  { file: 'app.js', most: 70_000 },
  { file: 'app.css', most: 12_000 },
])('$file stays under $most bytes, compressed', ({ file, most }) => {
  const bytes = readFileSync(new URL(`../../../dist/backend/ui/${file}`, import.meta.url))
  expect(gzipSync(bytes).length).toBeLessThanOrEqual(most)
})
