/** What is no Loki and no Tempo, and answers 200 to everything, must not pass for one. With real servers: test/stack/check. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { runCli } from '../run-cli.ts'

test.each(['<html>welcome</html>', '"ok"', ''])('a server that answers %j to everything is named', async (body) => {
  const server = createServer((_, response) => void response.end(body)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const urls = ['--otlp', url, '--loki', url, '--tempo', url, '--metrics', `${url}/metrics`]
  const { code, out } = await runCli(['stack', 'check', '--json', ...urls])
  expect(code).toBe(1)
  const { checks } = JSON.parse(out) as { checks: { name: string; status: string; message: string; hint?: string }[] }
  const failed = checks.filter(({ status }) => status === 'fail')
  expect(failed).toMatchObject([
    { name: 'loki record', hint: 'Is that Loki? Loki is port 3100.' },
    { name: 'tempo span', hint: 'Is that Tempo? Tempo is port 3200.' },
  ])
  expect(failed[0]?.message).toBe(`${url} answers 200${body === '' ? '' : `: ${body}`}`)
})
