/**
 * A span that is not sampled and begins a unit all the same: it records nothing but whether it failed, and that it ended.
 */
import { SpanStatusCode, type Span, type SpanContext, type SpanStatus } from '@opentelemetry/api'

export class UnrecordedSpan implements Span {
  readonly #context: SpanContext
  readonly #onEnd: (hasFailed: boolean) => void
  #hasFailed = false

  constructor(context: SpanContext, onEnd: (hasFailed: boolean) => void) {
    this.#context = context
    this.#onEnd = onEnd
  }

  spanContext(): SpanContext {
    return this.#context
  }

  isRecording(): boolean {
    return false
  }

  setStatus(status: SpanStatus): this {
    this.#hasFailed = status?.code === SpanStatusCode.ERROR
    return this
  }

  end(): void {
    this.#onEnd(this.#hasFailed)
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  updateName(): this {
    return this
  }

  recordException(): void {}
}
