"""What puts the product on AWS: the template, the package, the deployment, their checks."""
