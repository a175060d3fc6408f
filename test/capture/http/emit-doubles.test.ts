/** A test of an application that spies on `emit` of a response, while tracelog runs in the same process. */
import { ServerResponse, IncomingMessage } from 'node:http'
import { AsyncLocalStorage } from 'node:async_hooks'
import { Socket } from 'node:net'

import type { Context } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { unwatchEmitters, watchEmitters } from '../../../src/capture/http/emitter-context.ts'

beforeEach(() => watchEmitters(ServerResponse.prototype, new AsyncLocalStorage<Context>()))
afterEach(() => unwatchEmitters(ServerResponse.prototype))

test('spyOn sees what is emitted, and gives the original back', () => {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const spy = vi.spyOn(response, 'emit')
  response.emit('thing', 1)
  expect(spy).toHaveBeenCalledWith('thing', 1)
  spy.mockRestore()
  response.emit('thing', 2)
  expect(spy).not.toHaveBeenCalled()
})

test('an `emit` of the application stands in front of the original', () => {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const events: unknown[] = []
  const emit = response.emit.bind(response)
  response.emit = (event: string, ...args: unknown[]) => {
    events.push(event)
    return emit(event, ...args)
  }
  response.emit('thing')
  expect(events).toEqual(['thing'])
})
