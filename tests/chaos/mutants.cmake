# The negative controls.
