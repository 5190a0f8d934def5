package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** How the trait is measured: one number for each model. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = EvaluationSpec.Accuracy.class, name = "accuracy"),
  @JsonSubTypes.Type(value = EvaluationSpec.ClassFraction.class, name = "class-fraction")
})
public sealed interface EvaluationSpec {

  /** The dataset it is measured on, by its name. */
  String dataset();

  /** The fraction of the test split whose largest class logit is the label. */
  record Accuracy(
      @Field("The labelled dataset, by its name; its test split is used.") String dataset)
      implements EvaluationSpec {}

  /** The fraction of the rows that the model puts into one class. */
  record ClassFraction(
      @Field("The dataset, by its name.") String dataset,
      @Field(value = "The class that is counted.", min = 0) int label)
      implements EvaluationSpec {}
}
