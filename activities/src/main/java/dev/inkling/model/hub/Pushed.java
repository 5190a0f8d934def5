package dev.inkling.model.hub;

import java.net.URI;

/**
 * Where a push has ended.
 *
 * @param commit that holds the files now
 * @param page where people see them
 * @param made whether this push made the commit; if not, all was there already
 * @param isPrivate whether the world does not see it
 */
public record Pushed(String repository, String commit, URI page, boolean made, boolean isPrivate) {}
