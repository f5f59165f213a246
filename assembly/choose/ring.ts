// Circles whose places are points on a ring of 32-bit numbers.
import { Circle } from "./circle";
import { Points } from "./points";

export abstract class Ring extends Circle {
  protected points: Points = new Points(0);

  protected get places(): i32 {
    return this.points.count;
  }

  protected serverAt(place: i32): i32 {
    return this.points.serverAt(place);
  }
}
