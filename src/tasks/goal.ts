/**
 * The decorator of methods, in both of its kinds: what the standard says (method, context), and what TypeScript's `experimentalDecorators`
 * does (target, key, descriptor), which NestJS uses.
 */
export interface GoalDecorator {
  <This, Args extends unknown[], R>(
    method: (this: This, ...args: Args) => R,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => R>,
  ): (this: This, ...args: Args) => R
  <F extends AnyMethod>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F>): void
}

// oxlint-disable-next-line typescript/no-explicit-any -- any method, whatever it takes
type AnyMethod = (...args: any[]) => any

/** @param around  runs a call of the method */
export function decorateWith(around: (run: () => unknown) => unknown): GoalDecorator {
  const decorate = (first: unknown, _second: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor === undefined) return typeof first === 'function' ? surrounded(first, around) : first
    const method: unknown = descriptor.value
    if (typeof method === 'function') descriptor.value = surrounded(method, around)
    return undefined
  }
  return decorate as GoalDecorator
}

function surrounded(method: Function, around: (run: () => unknown) => unknown): Function {
  const called = function (this: unknown, ...args: unknown[]): unknown {
    return around(() => Reflect.apply(method, this, args) as unknown)
  }
  for (const key of ['name', 'length'] as const)
    Object.defineProperty(called, key, { value: method[key], configurable: true })
  copyMetadata(method, called)
  return called
}

/** What decorators below this one have said of the method (routes, guards): NestJS looks for it at the function. */
interface MetadataReflect {
  getOwnMetadataKeys?(target: object): readonly unknown[]
  getOwnMetadata?(key: unknown, target: object): unknown
  defineMetadata?(key: unknown, value: unknown, target: object): void
}

function copyMetadata(from: Function, to: Function): void {
  const reflect = Reflect as MetadataReflect
  for (const key of reflect.getOwnMetadataKeys?.(from) ?? [])
    reflect.defineMetadata?.(key, reflect.getOwnMetadata?.(key, from), to)
}
