package dev.inkling.spec;

/** A language model as somebody made it, which all others in a spec are made from. */
public sealed interface BaseModel extends ModelSpec.Language permits HostedModel, OpenModel {
  /** Its name, as its maker spells it. */
  String id();

  /** Who answers, without the pace: two models with one identity give the same answers. */
  BaseModel identity();
}
