package dev.inkling.spec;

/** How an answer is drawn from the model's distribution over tokens. */
public record Decoding(
    @Field(
            value = "The most probable token each time; temperature and topP then say nothing.",
            byDefault = "false")
        boolean greedy,
    @Field(
            value = "What the logits are divided by: below 1 the probable gets more so.",
            byDefault = "1.0",
            min = 0,
            max = 2)
        double temperature,
    @Field(
            value = "Only the most probable tokens that together have this probability.",
            byDefault = "1.0",
            min = 0,
            max = 1)
        double topP,
    @Field(value = "An answer longer than this many tokens is cut.", byDefault = "200", min = 1)
        int maxTokens) {}
