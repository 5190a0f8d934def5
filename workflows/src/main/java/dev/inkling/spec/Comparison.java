package dev.inkling.spec;

/** A question about two conditions: is a different from its control b? Paired by model and seed. */
public record Comparison(
    @Field("A condition, by its name.") String a,
    @Field("Its control: another condition, by its name.") String b) {}
