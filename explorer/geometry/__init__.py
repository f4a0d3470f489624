"""Input space and where a model's decision boundary runs in it: planes, slices, distances, normals, curvature.

The boundary is that of the class that the model gives the picture, right or wrong.
"""
