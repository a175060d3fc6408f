/** Whoever asks for metrics gets an answer, and the application lives, whatever its meters were given. */
import { expect, onTestFinished, test } from 'vitest'

import { serveScrapes } from '../../../src/app/metrics/scrape-server.ts'
import { freePort } from '../../support/servers/free-port.ts'

test('what cannot be written is answered 500', async () => {
  const port = await freePort()
  onTestFinished(serveScrapes({ host: '127.0.0.1', port, text: () => Promise.reject(new Error('no text')) }))
  const ask = () => fetch(`http://127.0.0.1:${port}/metrics`)
  expect((await ask()).status).toBe(500)
  expect((await ask()).status).toBe(500)
})
