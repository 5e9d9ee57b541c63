! The C face of the reference models; seiche_reference.h is its manual.
!
! Places are 0-based here, -1 for none, as C and Swift count them.
module seiche_reference_c
  use, intrinsic :: iso_c_binding
  use shallow_water_types
  use shallow_water
  use shallow_water_derivatives
  use shallow_water_complex_step
  use sw_status
  implicit none
  private
  public :: seiche_sw_run, seiche_sw_stencil, seiche_sw_tangent, seiche_sw_adjoint, seiche_sw_complex_step, &
            seiche_status_text

  type, bind(c) :: c_parameters  ! seiche_sw_parameters
    integer(c_int32_t) :: nx, ny
    real(c_double)     :: dx, dy, dt, gravity, wimp, cd, ah, tolerance
    integer(c_int32_t) :: max_iterations
    integer(c_int32_t) :: linear
    real(c_double)     :: linear_drag, coriolis, beta, density
    integer(c_int32_t) :: periodic_x, periodic_y
  end type c_parameters

  type, bind(c) :: c_forcing     ! seiche_sw_forcing
    real(c_double)     :: start_time
    integer(c_int32_t) :: wind_times, wind_nx, wind_ny
    type(c_ptr)        :: wind_time, wind_x, wind_y
    integer(c_int32_t) :: boundary_cells
    type(c_ptr)        :: boundary_i, boundary_j
    integer(c_int32_t) :: constituents
    type(c_ptr)        :: frequency, amplitude, phase
    integer(c_int32_t) :: boundary_times
    type(c_ptr)        :: boundary_time, boundary_zeta
  end type c_forcing

  ! A forcing that points into the caller's arrays, and the places of the boundary as Fortran counts them.
  type :: borrowed_forcing
    type(sw_forcing) :: f
    integer :: status = sw_ok
  contains
    final :: release
  end type borrowed_forcing

  type, bind(c) :: c_coefficients ! seiche_sw_coefficients
    real(c_double)     :: cd, ah, wimp
  end type c_coefficients

  type, bind(c) :: c_report      ! seiche_sw_report
    integer(c_int64_t) :: total_iterations
    real(c_double)     :: largest_residual
    integer(c_int32_t) :: completed_steps
    integer(c_int32_t) :: most_iterations
    integer(c_int32_t) :: i, j
  end type c_report

contains

  function seiche_sw_run(parameters, forcing, depth, zeta, u, v, first_step, steps, report) result(status) &
      bind(c, name='seiche_sw_run')
    type(c_parameters), intent(in)          :: parameters
    type(c_forcing), intent(in), optional   :: forcing
    real(c_double), intent(in)              :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(inout)           :: zeta(parameters%nx, parameters%ny)
    real(c_double), intent(inout)           :: u(parameters%nx, parameters%ny)
    real(c_double), intent(inout)           :: v(parameters%nx, parameters%ny)
    integer(c_int32_t), value, intent(in)   :: first_step
    integer(c_int32_t), value, intent(in)   :: steps
    type(c_report), intent(out)             :: report
    integer(c_int32_t) :: status
    type(borrowed_forcing) :: b
    type(sw_report) :: r

    call borrow(parameters, b, forcing)
    status = b%status
    if (status == sw_ok) call sw_run(from_c(parameters), depth, zeta, u, v, int(steps), r, status, b%f, int(first_step))
    report = to_c(r)
  end function seiche_sw_run

  function seiche_sw_stencil(parameters, depth, zeta, ce, cw, cn, cs, report) result(status) bind(c, name='seiche_sw_stencil')
    type(c_parameters), intent(in) :: parameters
    real(c_double), intent(in)     :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in)     :: zeta(parameters%nx, parameters%ny)
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: ce, cw, cn, cs
    type(c_report), intent(out)    :: report
    integer(c_int32_t) :: status
    type(sw_report) :: r

    call sw_stencil(from_c(parameters), depth, zeta, ce, cw, cn, cs, r, status)
    report = to_c(r)
  end function seiche_sw_stencil

  function seiche_sw_tangent(parameters, forcing, depth, zeta, u, v, step, dzeta, du, dv, dcoefficients, report) &
      result(status) bind(c, name='seiche_sw_tangent')
    type(c_parameters), intent(in)        :: parameters
    type(c_forcing), intent(in), optional :: forcing
    real(c_double), intent(in)            :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in), dimension(parameters%nx, parameters%ny)    :: zeta, u, v
    integer(c_int32_t), value, intent(in) :: step
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: dzeta, du, dv
    type(c_coefficients), intent(in), optional :: dcoefficients
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(borrowed_forcing) :: b
    type(sw_coefficients), allocatable :: q  ! not allocated: absent
    type(sw_report) :: r

    call borrow(parameters, b, forcing)
    status = b%status
    if (present(dcoefficients)) q = sw_coefficients(dcoefficients%cd, dcoefficients%ah, dcoefficients%wimp)
    if (status == sw_ok) then
      call sw_tangent(from_c(parameters), depth, zeta, u, v, dzeta, du, dv, r, status, b%f, int(step), q)
    end if
    report = to_c(r)
  end function seiche_sw_tangent

  function seiche_sw_adjoint(parameters, forcing, depth, zeta, u, v, step, azeta, au, av, acoefficients, report) &
      result(status) bind(c, name='seiche_sw_adjoint')
    type(c_parameters), intent(in)        :: parameters
    type(c_forcing), intent(in), optional :: forcing
    real(c_double), intent(in)            :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in), dimension(parameters%nx, parameters%ny)    :: zeta, u, v
    integer(c_int32_t), value, intent(in) :: step
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: azeta, au, av
    type(c_coefficients), intent(inout), optional :: acoefficients
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(borrowed_forcing) :: b
    type(sw_coefficients), allocatable :: q  ! not allocated: absent
    type(sw_report) :: r

    call borrow(parameters, b, forcing)
    status = b%status
    if (present(acoefficients)) allocate (q)
    if (status == sw_ok) then
      call sw_adjoint(from_c(parameters), depth, zeta, u, v, azeta, au, av, r, status, b%f, int(step), q)
    end if
    if (allocated(q) .and. status == sw_ok) acoefficients = c_coefficients(q%cd, q%ah, q%wimp)
    report = to_c(r)
  end function seiche_sw_adjoint

  function seiche_sw_complex_step(parameters, forcing, depth, zeta, u, v, first_step, steps, dzeta, du, dv, ddepth, report) &
      result(status) bind(c, name='seiche_sw_complex_step')
    type(c_parameters), intent(in)        :: parameters
    type(c_forcing), intent(in), optional :: forcing
    real(c_double), intent(in)            :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in), dimension(parameters%nx, parameters%ny)    :: zeta, u, v
    integer(c_int32_t), value, intent(in) :: first_step
    integer(c_int32_t), value, intent(in) :: steps
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: dzeta, du, dv
    real(c_double), intent(in), optional  :: ddepth(parameters%nx, parameters%ny)
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(borrowed_forcing) :: b
    type(sw_report) :: r

    call borrow(parameters, b, forcing)
    status = b%status
    if (status == sw_ok) then
      call sw_complex_step(from_c(parameters), depth, zeta, u, v, int(steps), dzeta, du, dv, r, status, b%f, int(first_step), &
                           ddepth)
    end if
    report = to_c(r)
  end function seiche_sw_complex_step

  subroutine seiche_status_text(status, text, length) bind(c, name='seiche_status_text')
    integer(c_int32_t), value, intent(in) :: status
    integer(c_int32_t), value, intent(in) :: length
    character(kind=c_char), intent(inout) :: text(length)
    character(len=200) :: words
    integer :: i, n

    if (length < 1) return
    words = sw_status_text(int(status))
    n = min(len_trim(words), length - 1)
    do i = 1, n
      text(i) = words(i:i)
    end do
    text(n+1) = c_null_char
  end subroutine seiche_status_text

  pure function from_c(c) result(p)
    type(c_parameters), intent(in) :: c
    type(sw_parameters) :: p

    p = sw_parameters(nx=c%nx, ny=c%ny, dx=c%dx, dy=c%dy, dt=c%dt, gravity=c%gravity, wimp=c%wimp, cd=c%cd, ah=c%ah, &
                      tolerance=c%tolerance, max_iterations=c%max_iterations, linear=c%linear /= 0, &
                      linear_drag=c%linear_drag, coriolis=c%coriolis, &
                      beta=c%beta, density=c%density, periodic_x=c%periodic_x /= 0, periodic_y=c%periodic_y /= 0)
  end function from_c

  ! Points a forcing at the caller's arrays. Counts that cannot be are refused here, where they become shapes.
  subroutine borrow(c, b, forcing)
    type(c_parameters), intent(in) :: c
    type(borrowed_forcing), intent(inout) :: b
    type(c_forcing), intent(in), optional :: forcing
    integer(c_int32_t), pointer :: places(:)
    integer :: cells, code

    if (.not. present(forcing)) return
    b%f%start_time = forcing%start_time
    if (forcing%wind_times < 0 .or. forcing%wind_nx < 0 .or. forcing%wind_ny < 0) then
      b%status = sw_bad_wind
      return
    end if
    if (forcing%wind_times > 0) then
      call c_f_pointer(forcing%wind_time, b%f%wind_time, [forcing%wind_times])
      call c_f_pointer(forcing%wind_x, b%f%wind_x, [forcing%wind_nx, forcing%wind_ny, forcing%wind_times])
      call c_f_pointer(forcing%wind_y, b%f%wind_y, [forcing%wind_nx, forcing%wind_ny, forcing%wind_times])
    end if
    cells = forcing%boundary_cells
    if (cells < 0 .or. cells > int(c%nx, c_int64_t)*c%ny .or. forcing%constituents < 0 .or. forcing%boundary_times < 0) then
      b%status = sw_bad_boundary_values
      return
    end if
    if (cells == 0) return
    allocate (b%f%boundary_i(cells), b%f%boundary_j(cells), stat=code)
    if (code /= 0) then
      b%status = sw_out_of_memory
      return
    end if
    call c_f_pointer(forcing%boundary_i, places, [cells])
    b%f%boundary_i = places + 1
    call c_f_pointer(forcing%boundary_j, places, [cells])
    b%f%boundary_j = places + 1
    if (forcing%constituents > 0) then
      call c_f_pointer(forcing%frequency, b%f%frequency, [forcing%constituents])
      call c_f_pointer(forcing%amplitude, b%f%amplitude, [cells, int(forcing%constituents)])
      call c_f_pointer(forcing%phase, b%f%phase, [cells, int(forcing%constituents)])
    end if
    if (forcing%boundary_times > 0) then
      call c_f_pointer(forcing%boundary_time, b%f%boundary_time, [forcing%boundary_times])
      call c_f_pointer(forcing%boundary_zeta, b%f%boundary_zeta, [cells, int(forcing%boundary_times)])
    end if
  end subroutine borrow

  subroutine release(b)
    type(borrowed_forcing), intent(inout) :: b

    if (associated(b%f%boundary_i)) deallocate (b%f%boundary_i)
    if (associated(b%f%boundary_j)) deallocate (b%f%boundary_j)
  end subroutine release

  pure function to_c(r) result(c)
    type(sw_report), intent(in) :: r
    type(c_report) :: c

    c = c_report(total_iterations=r%total_iterations, largest_residual=r%largest_residual, &
                 completed_steps=r%completed_steps, most_iterations=r%most_iterations, i=r%i - 1, j=r%j - 1)
  end function to_c

end module seiche_reference_c
