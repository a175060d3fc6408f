/**
 * Tests that need a Chromium are skipped where the machine has none.
 */
import type { test } from 'vitest'

import { requireThat } from '../require.ts'
import { CHROMIUM } from './start-chromium.ts'

/** `test` where a Chromium is; else a skipped one that says how to get it. */
export const requireBrowser: typeof test = requireThat(
  CHROMIUM !== undefined,
  'needs chromium; to get it: apt-get install -y chromium, or name one by CHROMIUM',
)
