module option_cases
end module option_cases
