"""What a genome means: kinds of DNA, their gene tables, and how they grow connectomes."""
