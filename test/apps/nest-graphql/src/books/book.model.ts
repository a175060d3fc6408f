import { Field, Float, ID, ObjectType } from '@nestjs/graphql'

@ObjectType()
export class Book {
  @Field(() => ID)
  id!: string

  @Field()
  title!: string

  @Field(() => Float, { nullable: true })
  rating?: number
}
