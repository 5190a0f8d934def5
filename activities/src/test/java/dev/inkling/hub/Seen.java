package dev.inkling.hub;

/**
 * A request that came.
 *
 * @param where hub or storage
 * @param path without the query
 * @param range the part that was asked for, or nothing
 * @param token the token that came with it, or nothing
 * @param bytes of its body
 */
public record Seen(
    String where, String method, String path, String range, String token, long bytes) {}
